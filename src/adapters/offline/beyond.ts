/**
 * What is beyond rules: work for a model that thinks, and languages that are none of the rules'.
 */
import { allWordsOf, isStopWord } from "../../shared/words.ts";

const WORK =
  /^(?:(?:write|create|generate|implement|compose|translate|calculate|compute|solve|refactor|rewrite|rephrase|proofread)\b|(?:code|program|draft|draw|paint|sketch|convert|debug|design|build|fix|plan|make) (?:me|us|a|an|the|some|this|that|my|our)\b|tell (?:me|us) (?:a|another) )/i;
const SUM =
  /^(?:what(?: is|['’]s) |how much is )[\d().\s]*\d\s*[-+*/^×÷][-+*/^×÷\d().\s]*[=?]*\s*$|^[\d().\s]*\d\s*[-+*/^×÷][-+*/^×÷\d().\s]*[=?]+\s*$/i;
const FOREIGN =
  /(?:^|[^\p{L}])(?:ich|und|nicht|das|ist|der|ein|eine|wir|je|suis|est|les|une|nous|vous|pas|yo|el|los|una|está|qué|por|para|eu|não|uma|il|che|sono|het|een|ik|jag|och|är|jest|nie|się)(?![\p{L}])/giu;

/** Something to be made or worked out. */
export function isWork(sentence: string): boolean {
  return WORK.test(sentence) || SUM.test(sentence);
}

/** Written in letters or by words that no English line has. */
export function isForeign(sentence: string): boolean {
  const letters = sentence.match(/\p{L}/gu) ?? [];
  const latin = sentence.match(/\p{Script=Latin}/gu) ?? [];
  if (letters.length > 2 && latin.length < letters.length / 2) return true;
  const words = allWordsOf(sentence);
  const english = words.filter(isStopWord).length;
  return (sentence.match(FOREIGN) ?? []).length > Math.max(1, english);
}
