/** A word of a text as it is written, and where it stands in the text, in UTF-16 units. */
export interface Word {
  readonly text: string
  readonly lower: string
  readonly start: number
  readonly end: number
}

const word = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['’._-](?=[\p{L}\p{N}])[\p{L}\p{M}\p{N}]+)*(?:\+\+|#(?![\p{L}\p{N}]))?/gu

export function readWords(text: string): Word[] {
  return [...text.matchAll(word)].map(({ 0: found, index }) => ({
    text: found,
    lower: found.toLowerCase().replaceAll('’', "'"),
    start: index,
    end: index + found.length,
  }))
}

/** Words that say nothing by themselves, by ISO 639-1. */
const lists: Readonly<Record<string, string>> = {
  en: `a about above across after afterwards again against all almost alone along already also although always am among
    an and another any anybody anyone anything anyway are aren't around as at away be became because become becomes been before
    behind being below beneath beside besides between beyond both but by can can't cannot could couldn't did didn't do does doesn't
    doing don't done down due during each either else enough etc even ever every everybody everyone everything everywhere except
    few for from further furthermore get gets getting give given gives go goes going gone got had hadn't has hasn't have haven't
    having he he'd he'll he's hence her here here's hereby hers herself him himself his how how's however i i'd i'll i'm i've if
    in indeed instead into is isn't it it'd it'll it's its itself just keep kept last least less let let's like likely made make
    makes making many may maybe me meanwhile might mine more moreover most mostly much must mustn't my myself namely near neither
    never nevertheless no nobody none nor not nothing now nowhere of off often on once one ones only onto or other others
    otherwise ought our ours ourselves out over own per perhaps please put quite rather really regarding said same saw say says
    see seem seemed seems seen several shall shan't she she'd she'll she's should shouldn't since so some somebody somehow someone
    something sometimes somewhere still such take taken takes than that that's the their theirs them themselves then thence there
    there's thereby therefore these they they'd they'll they're they've thing things this those though through throughout thus
    to together too toward towards under unless until up upon us use used uses using usually various very via want was wasn't
    way we we'd we'll we're we've well went were weren't what what's whatever when when's whenever where where's whereas whereby
    wherever whether which while who who's whoever whole whom whose why why's will with within without won't would wouldn't yes
    yet you you'd you'll you're you've your yours yourself yourselves`,
  fr: `à a ai alors au aucun aucune aussi autre autres aux avait avant avec avoir ayant c ce ceci cela celle celles celui cent ces
    cet cette ceux chaque chez comme comment contre d dans de depuis des deux dont donc du elle elles en encore entre est et étaient
    était été être eu fait faire fois font hier il ils j je jusqu jusque l la là le les leur leurs lors lorsque lui m ma mais me même
    mêmes mes moins mon n ne ni non nos notre nous on ont ou où par parce pas pendant peu peut plus plusieurs pour pourquoi qu quand
    que quel quelle quelles quels qui quoi s sa sans se selon sera ses si sien soit son sont sous sur ta tandis tant te tes toi ton
    tous tout toute toutes très trois tu un une vers voir vos votre vous y c'est d'un d'une qu'il qu'elle n'est s'est`,
  de: `ab aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei beim bereits bin bis bist da dabei
    dadurch damit dann das dass dein dem den denn der des deren dessen die dies diese diesem diesen dieser dieses doch dort du durch
    ein eine einem einen einer eines er es etwas euch für gegen gewesen hab habe haben hat hatte hatten hier hin hinter ich ihm ihn
    ihnen ihr ihre ihrem ihren ihrer im immer in ins ist ja jede jedem jeden jeder jedes jetzt kann kein keine können man mehr mein
    mit muss nach nein nicht nichts noch nun nur ob oder ohne schon sehr sein seine seinem seinen seiner seit sich sie sind so soll
    sondern sonst über um und uns unser unter viel vom von vor war waren was weil welche wenn werden wer wie wieder will wir wird wo
    wurde wurden zu zum zur zwischen`,
  es: `a al algo algunas algunos ante antes como con contra cual cuando de del desde donde durante e el él ella ellas ellos en entre
    era eran es esa esas ese eso esos esta está están estas este esto estos fue fueron ha había han hasta hay la las le les lo los más
    me mi mientras muy nada ni no nos nosotros o otra otras otro otros para pero poco por porque que qué quien se sea según ser si sí
    sido sin sobre son su sus también tan tanto te tiene tienen todo todos tras tu un una unas uno unos y ya yo`,
  it: `a ad ai al alla alle anche ancora avere aveva c che chi ci come con contro cui da dai dal dalla dalle degli dei del della delle
    dello di dove e è ed era erano essere fra gli ha hanno i il in io l la le lei li lo loro lui ma mi molto ne negli nei nel nella
    nelle no noi non nostro o ogni per perché però più poi quale quando quanto quello questa queste questi questo se sei senza si sia
    sono sopra sotto stata stato su sua sue sugli sui sul sulla suo suoi tra tu tutti tutto un una uno voi`,
  pt: `a à ao aos aquela aquele aqui as às até com como da das de dela dele depois do dos e é ela elas ele eles em entre era eram essa
    esse esta está estão este eu foi foram há isso isto já lhe mais mas me mesmo meu minha muito na não nas nem no nos nós num numa o os
    ou para pela pelas pelo pelos por porque qual quando que quem são se sem ser seu seus só sob sobre sua suas também te tem têm teu
    tinha tudo um uma umas uns você vos`,
  nl: `aan al alles als altijd andere ben bij daar dan dat de der deze die dit doch doen door dus een eens en er ge geen haar had heb
    hebben heeft hem het hier hij hoe hun iemand iets ik in is ja je kan kon kunnen maar me meer men met mij mijn moet na naar niet
    niets nog nu of om omdat onder ons ook op over reeds te tegen toch toen tot u uit uw van veel voor want waren was wat werd wezen wie
    wil worden wordt zal ze zelf zich zij zijn zo zonder zou`,
}

/** Languages with a list, by ISO 639-1. */
export const stopWordLanguages: readonly string[] = Object.keys(lists)

const sets = new Map<string, ReadonlySet<string>>()

/** Undefined for a language without a list. */
export function stopWordsOf(language: string | null): ReadonlySet<string> | undefined {
  const list = lists[language ?? 'en']
  if (list === undefined) return undefined
  const key = language ?? 'en'
  const known = sets.get(key) ?? new Set(list.split(/\s+/))
  sets.set(key, known)
  return known
}
