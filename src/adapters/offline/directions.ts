/**
 * Requests that no search would answer, and what the offline model says instead: what it can do, which
 * command does what is meant, and what it needs to be asked in other words.
 */
import { askQuery } from "./queries.ts";

export type Direction =
  | "abilities"
  | "documents"
  | "forget_all"
  | "page"
  | "summary"
  | "time"
  | "web";

const ABILITIES =
  /\bwhat (?:can|do) you do\b|\bhow (?:do|can|should) (?:i|we) (?:use|work with|talk to) (?:you|this|it)\b|^help(?: me)?[\s.!?]*$/i;
const DOCUMENT = "(?:documents?|files?|papers?|pdfs?|(?:data )?sources?|attachments?)";
const DOCUMENTS = new RegExp(
  `^(?:which|what) ${DOCUMENT}\\s+(?:(?:do|can|did) (?:you|we) (?:have|know|see|read)|have (?:you|we)\\b|(?:is|are|were) (?:there|attached|loaded|here))\\b|` +
    `^(?:list|show)(?: me)?(?: all)?(?: the| your| my| our)?(?: attached| loaded)? ${DOCUMENT}[\\s.!?]*$`,
  "i",
);
const FORGET_ALL =
  /^(?:forget|delete|erase|remove|wipe) (?:(?:about )?me|(?:everything|all)(?: (?:that )?(?:you know|i (?:said|told you)|of it))?(?: about (?:me|us))?|(?:(?:your|all|my|the) ){1,2}(?:memory|memories|data))[\s.!?]*$/i;
const PAGE =
  /(?:\b(?:on|of|from|at|to)|^(?:read|quote|show)(?: me)?) (?:the )?(?:page|p\.) ?\d{1,5}\b/i;
const SUMMARY =
  /^(?:summari[sz]e|sum up|(?:give|write|make) (?:me|us) an? (?:\w+ )?summary of|tl;?dr)\b/i;
/** What says only which text is meant, and how long its summary should be. */
const WHICH_TEXT = new RegExp(
  `\\b${DOCUMENT}\\b|\\S+\\.[a-z]{2,5}\\b|\\b(?:text|conversation|chat|talk|discussion|article|book|chapter|page|summary|sum|up|short|brief(?:ly)?|sentences?|words?|lines?|paragraphs?|bullet points?|\\d+|one|two|three|four|five|ten)\\b`,
  "gi",
);
const TIME =
  /^what(?:['’]s| is)? (?:the )?(?:current )?(?:time|day|date)(?: is (?:it|today)| (?:of )?today| now)*(?: (?:now|today))?[\s.!?]*$|^what(?:['’]s| is) today['’]s date[\s.!?]*$/i;

const WEB =
  /^(?:search|browse|google|look (?:it )?up|find|check)\b.{0,60}\b(?:on|in|through|the) (?:web|internet)\b|^google\b|^(?:open|visit|fetch|read|load|browse|summari[sz]e|go to) (?:the page |this page )?https?:\/\//i;

/** "…does the paper say about": where to look, and nothing of what to look for. */
export const DOCUMENT_SAYS = new RegExp(
  `\\b(?:(?:the|this|that|these|those|my|our|your|attached|which|what) ){0,3}(?:${DOCUMENT}|page \\d{1,5})(?: that)? ` +
    "(?:say|tell|speak|talk|mention|state|describe|explain|claim|deal|write|report)s?\\b(?: (?:about|on|of|with))?",
  "i",
);

export function directionOf(sentence: string): Direction | undefined {
  if (ABILITIES.test(sentence)) return "abilities";
  if (DOCUMENTS.test(sentence)) return "documents";
  if (FORGET_ALL.test(sentence)) return "forget_all";
  if (TIME.test(sentence)) return "time";
  if (WEB.test(sentence)) return "web";
  if (PAGE.test(sentence) && without(sentence, PAGE) === "") return "page";
  if (SUMMARY.test(sentence) && without(sentence, SUMMARY) === "") return "summary";
  return undefined;
}

function without(sentence: string, order: RegExp): string {
  return askQuery(sentence.replace(order, " ").replace(WHICH_TEXT, " "));
}

/** `time` is when the line was said, as far as it is known. */
export function directionText(direction: Direction, time: string | undefined): string {
  switch (direction) {
    case "abilities":
      return (
        "I am the offline model: I keep what you tell me (“Remember that …”), find what was said here, " +
        "and quote attached documents with their page (`/attach FILE`, then ask). I do not reason."
      );
    case "documents":
      return "I find passages, not lists: `/sources list` shows the documents that are attached here.";
    case "forget_all":
      return "I changed nothing: `/forget me confirm:true` deletes what is kept about you here.";
    case "page":
      return "I cannot turn to a page: I am the offline model, and find passages by their words. Name one that stands there.";
    case "summary":
      return "I cannot summarise that: I am the offline model. Ask for a word or two of it, and I quote what it says.";
    case "time":
      return time === undefined
        ? "I have no clock: your line came without its time."
        : `You wrote that at ${time}.`;
    case "web":
      return "I open no web page by myself: `/sources load url:…` reads one, and `/sources attach` gives it to me.";
  }
}
