// What the widget says to Valence, and hears. Bodies go as text: a browser then need not ask before it sends.

export interface Choice {
  value: string;
  label: string;
  on: boolean;
}
export interface Row {
  name: string;
  label: string;
  choices: Choice[];
}
export interface Question {
  id: string;
  kind: string;
  text: string;
  help: string;
  low: string;
  high: string;
  choices: Choice[];
  rows: Row[];
  must: boolean;
  problem: string;
}
export interface Asked {
  ask: boolean;
  language: string;
  direction: string;
  colours: [string, string][];
  words: Record<string, string>;
  questions: Question[];
}
export interface Kept {
  token: string;
  sent: boolean;
  questions: Question[];
}

/** By question and field, as a form has them: `{ recommend: { "": ["7"] } }`. */
export type Answers = Record<string, Record<string, string[]>>;

export class Site {
  token = "";
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly origin: string,
    private readonly key: string,
    private readonly who: Record<string, string>,
  ) {}

  /** One call after the other: the first answer's token is there before the second answer leaves. */
  call<T>(act: string, more: () => object = () => ({}), keepalive = false): Promise<T> {
    const next = this.last.then(() => this.post<T>(act, more(), keepalive));
    this.last = next.catch(() => undefined);
    return next;
  }

  private async post<T>(act: string, more: object, keepalive: boolean): Promise<T> {
    const answer = await fetch(`${this.origin}/api/v1/widget/${this.key}/${act}`, {
      method: "POST",
      body: JSON.stringify({ ...this.who, token: this.token, ...more }),
      credentials: "omit",
      referrerPolicy: "no-referrer",
      keepalive,
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const said = await answer.json();
    this.token = said.token || this.token;
    return said as T;
  }
}
