/**
 * Questions with one answer each: a usual one for Enter, and a bound on asking again.
 */

/** Where questions are asked; an answer is undefined when nobody is there to give one. */
export interface Conversation {
  say(text: string): void;
  ask(question: string): Promise<string | undefined>;
}

/** Questions are asked again this often. */
const TRIES = 3;

export async function text(
  talk: Conversation,
  question: string,
  usual?: string,
): Promise<string | undefined> {
  const shown = usual === undefined || usual === "" ? question : `${question} [${usual}]`;
  for (let i = 0; i < TRIES; i += 1) {
    const answer = (await talk.ask(`${shown} `))?.trim();
    if (answer === undefined) return undefined;
    const value = answer === "" ? usual : answer;
    if (value !== undefined && /^[^\s"'\\]*$/.test(value)) return value;
    talk.say(
      answer === ""
        ? "There is no usual answer here; please write one."
        : "One word without blanks or quotes, please.",
    );
  }
  return undefined;
}

export async function address(
  talk: Conversation,
  question: string,
  usual?: string,
): Promise<string | undefined> {
  for (let i = 0; i < TRIES; i += 1) {
    const answer = await text(talk, question, usual || "");
    if (answer === undefined || /^https?:\/\/[^/]/i.test(answer)) return answer;
    const example = answer.replace(/^[a-z]*:?\/\//i, "") || "127.0.0.1:8000/v1";
    talk.say(`An address begins with http:// or https://, such as http://${example}`);
  }
  return undefined;
}

export async function number(
  talk: Conversation,
  question: string,
  usual: number,
  most: number,
  least = 1,
): Promise<number | undefined> {
  for (let i = 0; i < TRIES; i += 1) {
    const answer = await text(talk, question, String(usual));
    if (answer === undefined) return undefined;
    const value = Number(answer);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    talk.say(`A number from ${least} to ${most}, please.`);
  }
  return undefined;
}

export async function oneOf<T extends string>(
  talk: Conversation,
  question: string,
  choices: readonly T[],
  usual: T,
): Promise<T | undefined> {
  for (let i = 0; i < TRIES; i += 1) {
    const answer = await text(talk, question, usual);
    if (answer === undefined) return undefined;
    const choice = choices.find((one) => one.toLowerCase() === answer.toLowerCase());
    if (choice !== undefined) return choice;
    talk.say(`One of ${choices.join(", ")}, please.`);
  }
  return undefined;
}
