/**
 * A `deno lint` plugin that refuses nothing: it reports what it sees as JSON for `read.ts`.
 *
 * @module
 */

import type { Fact } from "./fact.ts";

type Node = Deno.lint.Node;

/** Objects whose members reach outside; `*` means all of them. */
const REACHING: Readonly<Record<string, readonly string[] | "*">> = {
  Deno: "*",
  process: "*",
  Date: ["now"],
  Math: ["random"],
  performance: "*",
  crypto: ["getRandomValues", "randomUUID"],
  console: "*",
};

/** Functions and classes that reach outside when called. */
const CALLS = ["setTimeout", "setInterval", "fetch"];
const CLASSES = ["Worker", "WebSocket", "EventSource", "BroadcastChannel"];

type Report = (node: Node, fact: Fact) => void;

/** A rule that reports through `look`; rules of one plugin do not disturb each other. */
function rule(
  look: (report: Report, source: Deno.lint.SourceCode) => Deno.lint.LintVisitor,
): Deno.lint.Rule {
  return {
    create: (context) =>
      look(
        (node, fact) => context.report({ node, message: JSON.stringify(fact) }),
        context.sourceCode,
      ),
  };
}

const plugin: Deno.lint.Plugin = {
  name: "peri-facts",
  rules: {
    imports: rule(importVisitor),
    globals: rule(globalVisitor),
    functions: rule(functionVisitor),
    exports: rule(exportVisitor),
  },
};
export default plugin;

function importVisitor(report: Report): Deno.lint.LintVisitor {
  const names = (specifiers: readonly Node[]) =>
    specifiers.flatMap((item) =>
      item.type === "ImportSpecifier" && item.imported.type === "Identifier"
        ? [item.imported.name]
        : []
    );
  const found = (node: Node, specifier: string, imported: readonly string[] = []) =>
    report(node, { fact: "import", specifier, names: imported });
  return {
    ImportDeclaration: (node) => found(node, node.source.value, names(node.specifiers)),
    ExportAllDeclaration: (node) => found(node, node.source.value),
    ExportNamedDeclaration: (node) => {
      if (node.source) found(node, node.source.value);
    },
    ImportExpression: (node) => {
      const { source } = node;
      const isText = source.type === "Literal" && typeof source.value === "string";
      found(node, isText ? String(source.value) : "");
    },
    TSImportType: (node) => {
      const argument = node.argument as Node;
      if (argument.type === "Literal") found(node, String(argument.value));
      else if (argument.type === "TSLiteralType" && argument.literal.type === "Literal") {
        found(node, String(argument.literal.value));
      }
    },
  };
}

function globalVisitor(report: Report): Deno.lint.LintVisitor {
  return {
    MemberExpression: (node) => {
      const base = baseName(node.object);
      const allowed = base === undefined ? undefined : REACHING[base];
      if (base === undefined || allowed === undefined) return;
      const member = node.property.type === "Identifier" ? node.property.name : "";
      if (allowed === "*" || allowed.includes(member)) {
        report(node, { fact: "global", name: `${base}.${member}` });
      }
    },
    VariableDeclarator: (node) => {
      const base = node.init ? baseName(node.init) : undefined;
      if (base !== undefined && base in REACHING) report(node, { fact: "global", name: base });
    },
    CallExpression: (node) => {
      const name = baseName(node.callee);
      if (name !== undefined && CALLS.includes(name)) report(node, { fact: "global", name });
      if (name === "Date") report(node, { fact: "global", name: "Date()" });
    },
    NewExpression: (node) => {
      const name = baseName(node.callee);
      if (name === "Date" && node.arguments.length === 0) {
        report(node, { fact: "global", name: "new Date()" });
      }
      if (name !== undefined && CLASSES.includes(name)) report(node, { fact: "global", name });
      reportProgram(node, report);
    },
  };
}

/** `Date` of `Date`, of `globalThis.Date` and of `globalThis["Date"]`. */
function baseName(node: Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type !== "MemberExpression") return undefined;
  if (node.object.type !== "Identifier" || node.object.name !== "globalThis") return undefined;
  if (node.property.type === "Identifier") return node.property.name;
  return node.property.type === "Literal" ? String(node.property.value) : undefined;
}

function reportProgram(node: Deno.lint.NewExpression, report: Report): void {
  const { callee } = node;
  const [program] = node.arguments;
  const isCommand = callee.type === "MemberExpression" && baseName(callee.object) === "Deno" &&
    callee.property.type === "Identifier" && callee.property.name === "Command";
  if (isCommand && program?.type === "Literal" && typeof program.value === "string") {
    report(node, { fact: "program", name: program.value });
  }
}

function functionVisitor(
  report: Report,
  source: Deno.lint.SourceCode,
): Deno.lint.LintVisitor {
  const measure = (
    node:
      | Deno.lint.FunctionDeclaration
      | Deno.lint.FunctionExpression
      | Deno.lint.ArrowFunctionExpression,
  ) => {
    const lines = source.getText(node).split("\n").length;
    report(node, { fact: "function", name: functionName(node), lines });
  };
  return {
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
  };
}

function functionName(node: Node): string {
  if (node.type === "FunctionDeclaration" && node.id) return node.id.name;
  const { parent } = node as { parent?: Node };
  if (parent?.type === "MethodDefinition" && parent.key.type === "Identifier") {
    return parent.key.name;
  }
  if (parent?.type === "VariableDeclarator" && parent.id.type === "Identifier") {
    return parent.id.name;
  }
  return "a function";
}

function exportVisitor(report: Report, source: Deno.lint.SourceCode): Deno.lint.LintVisitor {
  // `getCommentsBefore` returns every comment above a node, so look at what stands in between.
  const hasDoc = (node: Node) =>
    source.getCommentsBefore(node).some((comment) => {
      const isDoc = comment.type === "Block" && comment.value.startsWith("*");
      const between = source.text.slice(comment.range[1], node.range[0]);
      const isAdjacent = between.replaceAll(/\/\/.*$/gm, "").trim() === "";
      return isDoc && isAdjacent && !comment.value.includes("@module");
    });
  const undocumented = (node: Node, name: string, member?: "interface" | "class") => {
    if (!hasDoc(node)) report(node, { fact: "undocumented", name, ...member ? { member } : {} });
  };
  const overloads = new Set<string>();
  // A default export is what its file is about; the beginning of the file speaks for it.
  return {
    ExportNamedDeclaration: (node) => {
      const { declaration } = node;
      if (!declaration) return;
      const name = declaredName(declaration);
      if (declaration.type.endsWith("FunctionDeclaration") || isOverload(declaration)) {
        if (overloads.has(name)) return;
        overloads.add(name);
      }
      undocumented(node, name);
      for (const [member, label] of publicMethods(declaration)) {
        const kind = declaration.type === "ClassDeclaration" ? "class" : "interface";
        undocumented(member, `${name}.${label}`, kind);
      }
    },
  };
}

function isOverload(node: Node): boolean {
  return node.type === "TSDeclareFunction";
}

function declaredName(node: Node): string {
  if (node.type === "VariableDeclaration") {
    const id = node.declarations[0]?.id as Node | undefined;
    return id?.type === "Identifier" ? id.name : "a variable";
  }
  const { id } = node as { id?: Node | null };
  return id?.type === "Identifier" ? id.name : "a declaration";
}

/** Methods callers see. A class that implements an interface is documented there. */
function publicMethods(node: Node): [Node, string][] {
  if (node.type === "TSInterfaceDeclaration") {
    return node.body.body.flatMap((member) =>
      member.type === "TSMethodSignature" && member.key.type === "Identifier"
        ? [[member, member.key.name] as [Node, string]]
        : []
    );
  }
  if (node.type !== "ClassDeclaration" || node.implements.length > 0) return [];
  return node.body.body.flatMap((member) => {
    if (member.type !== "MethodDefinition" || member.key.type !== "Identifier") return [];
    const isHidden = member.accessibility === "private" || member.override ||
      member.kind === "constructor";
    return isHidden ? [] : [[member, member.key.name] as [Node, string]];
  });
}
