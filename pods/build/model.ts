/**
 * What a pod's TypeScript says, as read by `read/`: from it come WIT, verbs and the entry module.
 *
 * @module
 */

import type { DocumentedInterface } from "../../wit/format.ts";
import type { CanonicalType, FunctionType } from "../../wit/types.ts";

/** A parameter of a method. */
export interface ParamModel {
  /** Kebab case. */
  readonly name: string;
  /** As it travels: an optional one is an option. */
  readonly type: CanonicalType;
  readonly about: string;
  readonly optional: boolean;
  /** It takes all further arguments as a list. */
  readonly rest: boolean;
  /** What is said of the fields, when it is a record. */
  readonly fields: ReadonlyMap<string, string>;
  /** On the command line it is one word, though a last text takes all (`@word <parameter>`). */
  readonly word: boolean;
  /** Method that lists words for it. */
  readonly complete?: string;
}

/** A class of errors that a function throws. */
export interface ErrorModel {
  /** Case of the result's error side, in kebab case. */
  readonly case: string;
  /** Unique among the errors of the pod. */
  readonly className: string;
}

/** A public method. */
export interface FunctionModel {
  /** Kebab case. */
  readonly name: string;
  /** As the author wrote it. */
  readonly method: string;
  /** Without tags. */
  readonly about: string;
  readonly params: readonly ParamModel[];
  /** What the method gives: without what it throws. */
  readonly result: FunctionType["result"];
  readonly errors: readonly ErrorModel[];
  /** As it travels. */
  readonly type: FunctionType;
  /** It is no verb (`@hidden`). */
  readonly hidden: boolean;
  /** Its flags stand before the first word (`@verbatim`). */
  readonly verbatim: boolean;
  /** It is what the pod's name without a verb does (`@alone`). */
  readonly alone: boolean;
  /** Where it is written. */
  readonly at: SourcePlace;
}

/** A place in an author's file; line and column count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** An interface as a class declares it. */
export interface InterfaceModel extends DocumentedInterface {
  readonly methods: readonly FunctionModel[];
  /** The fingerprint that a generated class claims; undefined for a class of the author's. */
  readonly claims?: string;
}

/** Methods that are offered, or verbs only, and the field that holds their object. */
export interface Mounted<Part> {
  /** Empty for the pod's own methods. */
  readonly field: string;
  /** None of them is a verb. */
  readonly hidden: boolean;
  readonly part: Part;
}

/** A class of errors and where the entry module finds it. */
export interface ErrorClass {
  /** See {@link ErrorModel.className}. */
  readonly className: string;
  /** The name that its module exports it under. */
  readonly exported: string;
  /** Path of its module. */
  readonly file: string;
}

/** A field of the pod's object that keeps its value between runs. */
export interface FieldModel {
  /** In TypeScript. */
  readonly name: string;
  readonly type: CanonicalType;
}

/** All that a pod's class says. */
export interface PodModel {
  /** Interfaces that it offers, in order of declaration. */
  readonly offers: readonly Mounted<InterfaceModel>[];
  /** Verbs that belong to no interface. */
  readonly commands: readonly Mounted<readonly FunctionModel[]>[];
  /** Interfaces of other pods whose clients it uses. */
  readonly needs: readonly InterfaceModel[];
  /** Classes of errors that its offers throw. */
  readonly errors: readonly ErrorClass[];
  /** Its fields that keep their values. */
  readonly fields: readonly FieldModel[];
}
