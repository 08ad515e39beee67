/** A phrasing that CONTRIBUTING.md rules out, with its replacement. */
interface BannedPhrase {
  pattern: RegExp;
  instead: string;
}

const banned = (pattern: RegExp, instead: string): BannedPhrase => ({ pattern, instead });

const phrases: readonly BannedPhrase[] = [
  banned(/\b(whoever|whomever|nobody|somebody|anybody|everybody)\b/i, 'name the actor'),
  banned(/\bas whom\b|\bby whom\b/i, 'the principal, the caller'),
  banned(/\bis at it\b|\bat work on it\b/i, 'holds the lease'),
  banned(/\bhand(s|ed|ing)? (it |them )?on\b|\bpass(es|ed)? (it |them )?on to (whoever|those)\b/i, 'publish, forward'),
  banned(/\b(came|comes|become|becomes) of (it|this|that|them|a|an|the)\b/i, 'the result, the outcome'),
  banned(
    /\b(can|could|cannot|to|is|are|was) (not )?be had\b|\b(is|are|was|be) had (at|from|by)\b/i,
    'available; could not acquire',
  ),
  banned(/\bnot known here\b|(?<!there )\bis none\b/i, 'unknown; without'),
  banned(/\b(set|sets|setting|put|puts|putting) (it |them )?aside\b/i, 'quarantine'),
  banned(
    /\btold of\b|\btell(s)? (nobody|somebody|of)\b|\b(is|are|was|were|be|being) told\b/i,
    'notify, report, receive',
  ),
  banned(/\bof its own accord\b|\bwithout a word\b|\bof late\b|\bfor ever\b|\banew\b/i, 'a plain adverb, or nothing'),
  banned(
    /\blook(s|ed|ing)? (at|for nothing|after)\b|\b(is|are|was|were|be|been) (not )?looked (at|for)\b/i,
    'read, poll, search',
  ),
  banned(/\b(is|are|was|were|be|been) asked\b(?! for)/i, 'is called, is requested'),
  banned(/\b(asks?|asking) (as|it how|nobody|somebody)\b/i, 'call, request, act as'),
  banned(/\b(is|are) seen to\b|\bsees? to (it|that|by)\b/i, 'handle'),
  banned(/\bby what\b|\bfor what\b/i, 'name the thing'),
  banned(/\bthat which\b|\bthose who\b|\bhe who\b|\bwhat (there )?(is|are|was|were) (not )?there\b/i, 'name the thing'),
  banned(
    /(?:^|[.:*/] |['"`(])(What|Who) (is|are|was|were|has|had|does|did|comes|came|stands|goes|changes)\b(?![^?'"`]*\?)/,
    'start with the subject',
  ),
  banned(/\b(stands|stand|stood) (there|here|in|for|twice|once)\b/i, 'is, contains, means'),
  banned(/\bshall\b|\bunless (told|said|given) otherwise\b/i, 'must, do not need to, by default'),
  banned(/\b(takes|taken|took|take) up\b/i, 'resume, claim'),
  banned(/\b(goes|go|went|going|gone) on\b/i, 'continue'),
  banned(/\b(given|gives?) back\b/i, 'return'),
  banned(/\bheap up\b|\bcome to light\b|\bin vain\b|\bgood for nothing\b|\bcope\b/i, 'accumulate, appear, fail'),
  banned(
    /\b(do|does) not serve\b|\bcomes? to (a|an|nothing)\b|\bthat \w+ like this\b|\btaken off\b/i,
    'say it directly',
  ),
  banned(/\b(never|none|all|one) without (it|them|one)\b/i, 'Default: …; omit for …'),
  banned(/\b(whatever|whichever)\b/i, 'name the thing; all, any'),
  banned(/\b(lanes?|pumps?|desk)\b/i, "the glossary's name"),
  banned(/(?:\*|\/\/) (Of|By) (?!default)/, 'start with the subject'),
  banned(/\b(?:it|test)\(\s*['"`](that|so|and|even|of|by) /, 'a title states the behavior: returns 404 …'),
];

/** Names that the glossary replaces. */
const names = banned(
  /\b(handOn|handedOn|passOn|takeUp|isMade|respell|withTimeLimit|readUpTo|writeLedger|uncertainSince|notFoundAs|isTriedOnce|isForMachines|isQueryForeign|mayBeAsync|forEveryOrigin|getOtherThan|proveUser|textAs)\b|\b(most|longest|largest)[A-Z]\w*/,
  "the glossary's name",
);

/** A space of a pattern: also the end of a line, with the comment marker of the next one. */
const gap = String.raw`(?: |\s*\n\s*(?:\*|//)?\s*)`;

/** The banned phrasings of a text, each as `line: "phrase" (instead: …)`. */
export function findBannedPhrases(text: string): string[] {
  return [...phrases, names].flatMap(({ pattern, instead }) => {
    const anywhere = new RegExp(pattern.source.replaceAll(' ', gap), `gm${pattern.flags}`);
    return [...text.matchAll(anywhere)].map(({ 0: found, index }) => {
      const line = text.slice(0, index).split('\n').length;
      return `${line}: "${found.trim()}" (instead: ${instead})`;
    });
  });
}
