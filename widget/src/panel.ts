// The panel: one question at a time, in a corner, without taking the page or the focus from whoever reads it.
import { Answers, Asked, Kept, Question, Site } from "./api";
import { fields, h, taken } from "./fields";
import { style } from "./style";

export function panel(site: Site, asked: Asked, answers: Answers): void {
  const { words } = asked;
  const host = h("valence-survey", { lang: asked.language });
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [style(asked.colours)];
  let questions = asked.questions;
  let at = 0;
  let over = false;
  let going = false;
  let before: Element | null = null;

  const box = h("section", { role: "dialog", "aria-label": words.name, dir: asked.direction, lang: asked.language });
  const body = h("div", {});
  const alert = h("p", { class: "bad", role: "alert" });
  const close = h("button", { class: "x", type: "button", "aria-label": words.close }, "✕");
  box.append(close, body, alert);
  root.append(h("p", { class: "vh", role: "status" }), box);

  // Who closes it before the first answer declines; what was answered by then is kept as it is.
  function leave(): void {
    if (!over && !site.token) void site.call("declined", undefined, true).catch(() => undefined);
    over = true;
    const inside = root.activeElement;
    host.remove();
    if (inside && before instanceof HTMLElement) before.focus();
  }

  async function keep(send: boolean): Promise<Kept | null> {
    try {
      const kept = await site.call<Kept>("answers", () => ({ answers, send }));
      alert.textContent = "";
      questions = kept.questions;
      return kept;
    } catch {
      alert.textContent = words.failed;
      return null;
    }
  }

  // A second press while the first is under way would send again what has just been sent, and be told that it failed.
  async function go(): Promise<void> {
    if (going) return;
    const question = questions[at];
    answers[question.id] = taken(form(), question);
    const last = at >= questions.length - 1;
    going = true;
    const kept = await keep(last);
    going = false;
    if (!kept) return;
    const wrong = questions.findIndex((one) => one.problem);
    if (kept.sent) return thank();
    if (wrong >= 0) at = wrong;
    else at = Math.min(questions.findIndex((one) => one.id === question.id) + 1, questions.length - 1);
    draw(true);
  }

  function form(): HTMLFormElement {
    return body.querySelector("form")!;
  }

  function thank(): void {
    over = true;
    body.replaceChildren(h("p", { class: "thanks", tabindex: "-1", role: "status" }, words.thanks));
    (body.firstElementChild as HTMLElement).focus();
  }

  function draw(focus: boolean): void {
    const question = questions[at];
    const last = at >= questions.length - 1;
    const buttons = h(
      "div",
      { class: "go" },
      h("button", { class: "main", type: "submit" }, last ? words.send : words.next),
      h("button", { class: "plain", type: "button" }, words.decline),
    );
    const drawn = h("form", { novalidate: "" }, fields(question, answers[question.id]), buttons);
    if (question.problem) drawn.insertBefore(h("p", { class: "bad", role: "alert" }, question.problem), buttons);
    buttons.lastElementChild!.addEventListener("click", leave);
    drawn.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.isTrusted) void go();
    });
    drawn.addEventListener("change", (event) => event.isTrusted && void changed(question));
    body.replaceChildren(drawn);
    if (focus) drawn.querySelector<HTMLElement>("input,select,textarea")?.focus();
  }

  // Each answer is kept as it is given; what follows from it is asked next, and this question stays as it is.
  async function changed(question: Question): Promise<void> {
    answers[question.id] = taken(form(), question);
    if (!(await keep(false)) || questions[at]?.id !== question.id) return;
    const last = at >= questions.length - 1;
    body.querySelector(".main")!.textContent = last ? words.send : words.next;
  }

  close.addEventListener("click", leave);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    leave();
  });
  box.addEventListener("focusin", (event) => {
    const from = event.relatedTarget;
    if (from instanceof Element && !root.contains(from)) before = from;
  });
  before = document.activeElement;
  draw(false);
  document.body.append(host);
  root.querySelector(".vh")!.textContent = `${words.name}: ${questions[0].text}`;
}
