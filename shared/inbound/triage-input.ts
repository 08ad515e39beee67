import { classifications, determinations } from '../defender/enum-aliases.ts';
import { withDescription } from '../schema.ts';
import { comment, oneOf, upTo } from './input.ts';

/** The classifications that a caller may set. */
const settableClassification = oneOf(classifications, [
  'TruePositive',
  'InformationalExpectedActivity',
  'FalsePositive',
]);

/** The determinations that a caller may set; the others are read-only or no longer accepted. */
const settableDetermination = oneOf(
  determinations,
  determinations.canonical.filter((value) => !['NotAvailable', 'Apt', 'SecurityPersonnel'].includes(value)),
);

/** Members of incidents and alerts that record the result of a triage. */
export const triageMembers = {
  assignedTo: withDescription(upTo(256), 'New owner (user principal name). An empty string removes the owner.'),
  classification: withDescription(settableClassification, 'New classification'),
  determination: withDescription(settableDetermination, 'New determination, which refines the classification'),
  comment: withDescription(comment, 'Comment to append, at most 4,096 characters'),
};
