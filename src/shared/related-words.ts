/**
 * Everyday English words that stand for one another when people ask about what was said: near
 * synonyms, and kinds with their members ("pet": dog, cat). Small on purpose: what comes up in
 * talk about life and work, no encyclopaedia. Ranking gives them less weight than the word itself.
 */
import { contentWords } from "./content-words.ts";

/** Each line is a set of words that may stand for one another. */
const SYNONYMS = `
job work career profession occupation position employment role
employer company firm office workplace
boss manager supervisor
colleague coworker teammate
hire employ recruit employee staff
fire dismiss layoff
quit resign leave notice
start begin launch open found kick
end finish stop complete quit
buy purchase order shop get
sell trade
get receive obtain gain
gift present
give donate offer
win prize award trophy medal champion
compete competition contest tournament match race
lose defeat
big large huge great
small little tiny
happy glad joy thrill excite delight
sad upset unhappy grief cry down
afraid scare fear terrify nervous anxious worry
angry mad furious annoy
surprise shock amaze astonish
calm relax peace soothe unwind
stress pressure overwhelm
love enjoy like adore fond favorite passion
hate dislike
hobby interest pastime passion leisure
goal dream plan aim ambition hope resolution aspire
plan intend going
decide choose pick settle
reason cause motivate inspire because
motivate inspire inspiration encourage
help support assist aid
volunteer charity donate fundraiser
fix repair mend restore
damage break destroy ruin
injure injury hurt wound accident sprain
illness sick ill disease fever cold flu
doctor hospital clinic medical surgery health
exercise workout train fitness gym
study learn course class lesson degree major
school college university campus
teacher instructor coach tutor mentor
student pupil class
graduate graduation degree diploma
test exam interview audition
build construct make create
create design craft invent make
cook bake recipe dish meal
eat food meal dinner lunch breakfast
drink beverage
restaurant cafe diner bistro
house home apartment place flat
room bedroom kitchen bathroom
move relocate transfer
live reside stay
trip travel journey visit tour vacation
visit go see
arrive reach come
car vehicle drive
friend buddy pal mate
partner spouse husband wife boyfriend girlfriend
date relationship girlfriend boyfriend partner
marry engage propose wedding fiance
divorce separate split breakup
child son daughter baby toddler
pregnant baby expect birth
sibling brother sister
parent mom dad
family relative
die pass funeral lose
adopt foster rescue shelter
dog puppy pup
cat kitten kitty
picture photo image paint draw
film movie show series cinema
book novel story read author
write author poem journal blog diary
music song band album concert
concert gig show perform
perform play stage
dance ballet choreography
art paint draw sculpture pottery gallery
exhibit exhibition gallery show museum
game play console videogame
computer laptop pc
phone mobile
website site online blog
money cash finance fund pay cost
save budget
expensive cost price pricey
cheap afford
rich wealthy
store shop boutique market
business company startup shop
customer client
advertise promote market
meet encounter introduce
talk speak chat discuss converse
say tell mention
advise advice suggest recommend tip
ask request question
answer reply respond
call phone contact
teach explain show
realize discover learn notice understand
think believe opinion view feel
remember recall remind memory
forget lose
change transform transition
improve better progress
grow develop
difficult hard tough challenge struggle
challenge obstacle difficulty problem struggle
problem issue trouble
easy simple
fail failure flunk reject
success achieve accomplish milestone
proud achievement accomplish
attend go join visit
join enroll sign member
group club team community
event party celebration festival
celebrate party birthday anniversary
walk hike stroll trail
camp tent outdoors
forest woods nature park
beach sea ocean coast shore
mountain hill peak climb
lake river pond
garden plant flower grow
city town
country nation abroad
church faith religion god spiritual
gay lesbian queer lgbtq transgender
symbol represent symbolize
jewelry jewel
clothes outfit dress wear costume
hair haircut
colour shade
old age ancient
new recent
young youth childhood kid
often regularly every usually
early morning
evening night
clean wash tidy
throw discard
hide conceal
strange weird odd
beautiful pretty lovely gorgeous stunning
delicious tasty yummy
funny hilarious laugh joke
brave courage
kind sweet nice
tired exhaust sleepy
quiet silent
famous popular
important special meaningful
accident crash
weather rain snow storm sun
snack treat candy sweet dessert
therapy counseling counselor therapist mental
yoga meditation meditate
`;

/** Each line is a kind, a colon, and what is of that kind. */
const KINDS = `
pet: dog cat puppy kitten hamster rabbit parrot turtle fish guinea
animal: dog cat bird horse turtle fish rabbit snake bear wolf cow pig sheep goat duck
instrument: piano guitar violin drum flute cello clarinet saxophone trumpet ukulele bass
sport: soccer basketball tennis swim run volleyball baseball golf ski hockey climb surf football skate box
exercise: run swim yoga gym jog cycle hike weights
activity: hike camp swim paint run dance cook pottery read museum garden picnic
hobby: paint read cook garden hike photography knit guitar piano fish dance write pottery
food: pizza pasta cake bread soup salad chicken cheese rice cookie sushi taco burger
dessert: cake pie cookie tart brownie ice chocolate pudding
drink: coffee tea wine beer juice smoothie cocktail
fruit: apple pear banana orange strawberry berry peach mango
vegetable: tomato carrot pepper potato onion spinach
color: red blue green yellow purple pink orange white black brown
country: france italy spain germany england japan china india mexico canada brazil sweden portugal ireland greece turkey
city: paris london rome berlin tokyo boston chicago seattle york barcelona
vehicle: car van truck motorbike bicycle bus scooter
family: mom dad brother sister son daughter cousin aunt uncle grandma grandpa husband wife
relative: mom dad brother sister son daughter cousin aunt uncle grandma grandpa
sibling: brother sister
parent: mom dad
child: son daughter boy girl
job: nurse teacher engineer lawyer chef doctor designer artist waiter driver programmer accountant
illness: flu fever cold cancer asthma diabetes allergy migraine chickenpox
injury: ankle wrist knee arm leg back shoulder sprain break
emotion: happy sad angry afraid proud nervous love
weather: rain snow storm sun wind
season: spring summer autumn winter
holiday: christmas easter thanksgiving halloween
language: english french spanish german italian japanese chinese portuguese
art: paint draw sculpture pottery photography
craft: pottery knit sew woodwork
furniture: table chair sofa shelf bed desk lamp
jewelry: necklace ring bracelet earring
clothes: shirt dress shoes jacket hat boots
game: chess poker monopoly scrabble
genre: fantasy mystery thriller romance scifi jazz rock classical
subject: math history biology physics chemistry literature
device: phone laptop tablet camera
flower: rose sunflower tulip lily daisy
tree: oak pine pear apple maple
transport: bus train car bike plane
outdoors: hike camp beach mountain lake trail forest
religion: church god pray faith bible
symptom: pain fever cough headache
pastry: croissant bun cake tart pie
bread: loaf baguette sourdough rye
meal: dinner lunch breakfast
`;

/** What a word may also be called, with how far to trust it (0 to 1). */
export type Related = ReadonlyMap<string, number>;

const NONE: Related = new Map();
const SYNONYM = 1;
const MEMBER = 0.8;
const KIND = 0.5;

const related = new Map<string, Map<string, number>>();
for (const line of lines(SYNONYMS)) {
  const words = contentWords(line);
  for (const word of words) for (const other of words) relate(word, other, SYNONYM);
}
for (const line of lines(KINDS)) {
  const [kind = "", ...members] = contentWords(line);
  for (const member of members) {
    relate(kind, member, MEMBER);
    relate(member, kind, KIND);
  }
}

/** Related words of a word in the form of `contentWords`, without the word itself. */
export function relatedWords(word: string): Related {
  return related.get(word) ?? NONE;
}

function relate(word: string, other: string, trust: number): void {
  if (word === other) return;
  const known = related.get(word) ?? new Map<string, number>();
  related.set(word, known.set(other, Math.max(trust, known.get(other) ?? 0)));
}

function lines(text: string): string[] {
  return text.trim().split("\n");
}
