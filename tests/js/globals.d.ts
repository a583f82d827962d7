// What the scripts use that no script declares.
declare const vis: any; // vis-network, which the page holds

// What views take: the page with its state, and the view document, indexed.
type App = Closed<typeof import("../../src/policygraph/explorer/static/explorer.js").app>;
type Model = Closed<ReturnType<typeof import("../../src/policygraph/explorer/static/model.js").index>>;
type Closed<T> = { [name in keyof T]: T[name] }; // an object literal of a script may have any name as well

interface Window {
  explorer: any; // for tests
  Yasqe: any;
  Yasr: any;
}

// Only its template tells which tag an element has, so each has what one of them has.
interface Element {
  action: any;
  cellIndex: any;
  checked: any;
  readonly dataset: DOMStringMap;
  disabled: any;
  elements: any;
  hidden: any;
  open: any;
  options: any;
  placeholder: any;
  rowIndex: any;
  tBodies: any;
  value: any;
  click(): void;
  focus(options?: FocusOptions): void;
  showModal(): void;
}

// The target of an event that a script listens to is an element.
interface EventTarget {
  checked: any;
  readonly dataset: DOMStringMap;
  value: any;
  closest(selectors: string): Element;
  getAttribute(name: string): string;
  setAttribute(name: string, value: string): void;
}
