interface StringOperator {
  readonly takesList: boolean;
  test(value: string, operands: readonly string[]): boolean;
}

type Test = (value: string, operand: string) => boolean;

const lower =
  (test: Test): Test =>
  (value, operand) =>
    test(value.toLowerCase(), operand.toLowerCase());
const equals: Test = (value, operand) => value === operand;
const contains: Test = (value, operand) => value.includes(operand);
const startsWith: Test = (value, operand) => value.startsWith(operand);
const endsWith: Test = (value, operand) => value.endsWith(operand);

/** A term is a run of letters and digits; `has` looks for whole ones. */
const has: Test = (value, operand) => {
  const isTermCharacter = (character: string) => /[\p{L}\p{N}]/u.test(character);
  for (let at = value.indexOf(operand); at !== -1; at = value.indexOf(operand, at + 1)) {
    const before = value.charAt(at - 1);
    const after = value.charAt(at + operand.length);
    if (!isTermCharacter(before) && !isTermCharacter(after)) return true;
  }
  return false;
};

const ofOne = (test: Test): StringOperator => ({
  takesList: false,
  test: (value, [operand = '']) => test(value, operand),
});
const ofAny = (test: Test): StringOperator => ({
  takesList: true,
  test: (value, operands) => operands.some((operand) => test(value, operand)),
});
const not = ({ takesList, test }: StringOperator): StringOperator => ({
  takesList,
  test: (value, operands) => !test(value, operands),
});

/** The string operators of KQL by their spelling. */
export const stringOperators: Readonly<Record<string, StringOperator>> = {
  '=~': ofOne(lower(equals)),
  '!~': not(ofOne(lower(equals))),
  contains: ofOne(lower(contains)),
  '!contains': not(ofOne(lower(contains))),
  startswith: ofOne(lower(startsWith)),
  '!startswith': not(ofOne(lower(startsWith))),
  endswith: ofOne(lower(endsWith)),
  '!endswith': not(ofOne(lower(endsWith))),
  has: ofOne(lower(has)),
  '!has': not(ofOne(lower(has))),
  has_any: ofAny(lower(has)),
  in: ofAny(equals),
  '!in': not(ofAny(equals)),
  'in~': ofAny(lower(equals)),
  '!in~': not(ofAny(lower(equals))),
};
