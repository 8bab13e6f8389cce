/**
 * Irregular English forms and spellings that stemming cannot bring together, as a table: each line
 * is a base form, then what counts as the same word.
 */
import { stemWord } from "./words.ts";

const FORMS = `
go went gone goes; buy bought; get got gotten; take took taken; make made; give gave given; come came;
see saw seen; know knew known; think thought; tell told; feel felt; find found; leave left; bring brought;
begin began begun; keep kept; hold held; write wrote written; stand stood; hear heard; meet met; run ran;
pay paid; sit sat; speak spoke spoken; lead led; read; grow grew grown; lose lost; fall fell fallen; send sent;
build built; understand understood; draw drew drawn; break broke broken; spend spent; drive drove driven;
ride rode ridden; eat ate eaten; drink drank drunk; sing sang sung song; swim swam swum; fly flew flown flight;
teach taught teacher; catch caught; choose chose chosen choice; win won winner; wear wore worn; sell sold sale; sleep slept asleep;
sign signature; deal dealt; hide hid hidden; shake shook shaken; steal stole stolen; throw threw thrown; wake woke woken awake;
forget forgot forgotten; forgive forgave forgiven; freeze froze frozen; ring rang rung; sink sank sunk;
shoot shot; shine shone; bite bit bitten; blow blew blown; dig dug; feed fed food; fight fought; hang hung; lend lent loan;
mean meant; rise rose risen; seek sought; show shown; shut; spin spun; spread; strike struck; swear swore sworn;
sweep swept; tear tore torn; bear bore born birth; become became; bend bent; bleed bled; breed bred; lay laid; light lit;
child children kid kids; man men; woman women; person people; foot feet; tooth teeth; mouse mice; wife wives;
life lives live alive; knife knives; half halves; shelf shelves; loaf loaves;
die died dead death dying; marry married marriage wedding; choose choice; believe belief; advise advice; succeed success successful;
lose loss; sell sale; weigh weight; high height; long length; strong strength; deep depth; proud pride;
analyze analyse; color colour; favorite favourite; theater theatre; center centre; organize organise; realize realise;
program programme; pajamas pyjamas; gray grey; mom mum mommy mummy mother mama; dad daddy father papa; grandma grandmother granny nana;
grandpa grandfather granddad; photo photograph picture pic; tv television; bike bicycle; phone telephone; fridge refrigerator;
vet veterinarian; exam examination; ad advertisement; doc doctor dr; gym gymnasium; math maths mathematics; apartment flat;
vacation holiday; movie film; soccer football; christmas xmas; okay ok;
one 1; two 2; three 3; four 4; five 5; six 6; seven 7; eight 8; nine 9; ten 10; eleven 11; twelve 12; twenty 20; thirty 30;
first 1st; second 2nd; third 3rd; january jan; february feb; april apr; august aug; september sept sep; october oct; november nov; december dec;
good better best; bad worse worst; far further farther
`;

const bases = new Map<string, string>();
for (const entry of FORMS.split(";")) {
  const [base = "", ...forms] = entry.trim().split(/\s+/).map(stemWord);
  for (const form of forms) if (!bases.has(form)) bases.set(form, base);
}

/** The base form of a stemmed word; the word itself when it is regular. */
export function baseForm(stemmed: string): string {
  return bases.get(stemmed) ?? stemmed;
}
