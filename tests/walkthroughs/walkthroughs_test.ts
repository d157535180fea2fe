import { testStories } from "./tell.ts";

testStories("tests/walkthroughs");
