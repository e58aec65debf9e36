// The fields of each kind of question, and what stands in them.
import { Choice, Question } from "./api";

type Child = Node | string;

export function h<K extends string>(tag: K, attributes: Record<string, string>, ...children: Child[]): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

type Given = Record<string, string[]>;

/** The question's fields. A field is named for its part of the answer: "" for the question's own, else a row. */
export function fields(question: Question, given: Given = {}): HTMLElement {
  const draw = KINDS[question.kind] ?? text;
  return draw(question, given);
}

/** What stands in a form for a question: by field, every value that is chosen or written. */
export function taken(form: HTMLFormElement, question: Question): Given {
  const found: Given = {};
  new FormData(form).forEach((value, name) => {
    if (value) (found[name.slice(question.id.length + 1)] ??= []).push(String(value));
  });
  return found;
}

const KINDS: Record<string, (question: Question, given: Given) => HTMLElement> = {
  scale: (question, given) =>
    group(
      question,
      h("div", { class: `scale s${question.choices.length}` }, ...picks(question, given, "radio")),
      h("div", { class: "ends" }, h("span", {}, question.low), h("span", {}, question.high)),
    ),
  choice: (question, given) => group(question, h("div", { class: "list" }, ...picks(question, given, "radio"))),
  choices: (question, given) => group(question, h("div", { class: "list" }, ...picks(question, given, "checkbox"))),
  ranking: (question, given) =>
    group(
      question,
      ...question.rows.map((row) => {
        const chosen = given[row.name]?.[0] ?? "";
        const options = row.choices.map((one) => {
          const option = h("option", { value: one.value }, one.label) as HTMLOptionElement;
          option.selected = one.value === chosen;
          return option;
        });
        return h(
          "label",
          { class: "row" },
          h("span", {}, row.label),
          h("select", { name: `${question.id}.${row.name}` }, ...options),
        );
      }),
    ),
  grid: (question, given) =>
    group(
      question,
      ...question.rows.map((row) =>
        h(
          "fieldset",
          { class: "sub" },
          h("legend", {}, row.label),
          ...row.choices.map((one) => pick(one, `${question.id}.${row.name}`, "radio", given[row.name])),
        ),
      ),
    ),
  short: text,
  long: text,
};

function text(question: Question, given: Given): HTMLElement {
  const field = h(question.kind === "long" ? "textarea" : "input", { name: `${question.id}.`, id: "field" });
  (field as HTMLInputElement).value = given[""]?.[0] ?? "";
  return h("div", {}, h("label", { class: "q", for: "field" }, question.text), ...help(question), field);
}

function group(question: Question, ...children: Child[]): HTMLElement {
  return h("fieldset", {}, h("legend", { class: "q" }, question.text), ...help(question), ...children);
}

function help(question: Question): HTMLElement[] {
  return question.help ? [h("p", { class: "help" }, question.help)] : [];
}

function picks(question: Question, given: Given, type: string): HTMLElement[] {
  return question.choices.map((one) => pick(one, `${question.id}.`, type, given[""]));
}

function pick(one: Choice, name: string, type: string, chosen: string[] = []): HTMLElement {
  const field = h("input", { type, name, value: one.value }) as HTMLInputElement;
  field.checked = chosen.includes(one.value);
  return h("label", {}, field, h("span", {}, one.label));
}
