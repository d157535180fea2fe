import { testStories } from "./tell.ts";

testStories("docs/guides");
