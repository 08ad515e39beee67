import type { Behavior } from './behavior.ts';
import { parseJsonObject } from './exchange.ts';
import type { Incident, IncidentComment } from './incident.ts';

type IncidentChanges = Partial<Omit<Incident, 'incidentId' | 'createdTime'>>;

/** A body that the service refuses; the message is its own sentence. */
export class UpdateError extends Error {}

const statuses = ['Active', 'InProgress', 'Resolved', 'Redirected'];
const classifications = ['TruePositive', 'InformationalExpectedActivity', 'FalsePositive', 'Unknown'];

const inEverySpelling = [
  'MultiStagedAttack',
  'MaliciousUserActivity',
  'Malware',
  'Phishing',
  'UnwantedSoftware',
  'SecurityTesting',
  'LineOfBusinessApplication',
  'Other',
];
const xdrOnly = ['CompromisedAccount', 'ConfirmedActivity', 'Clean', 'NoEnoughDataToValidate'];
const mdeOnly = ['CompromisedUser', 'ConfirmedUserActivity', 'NotMalicious', 'InsufficientData'];
const determinations: Readonly<Record<Behavior['determinations'], readonly string[]>> = {
  xdr: [...inEverySpelling, ...xdrOnly],
  mde: [...inEverySpelling, ...mdeOnly],
  any: [...inEverySpelling, ...xdrOnly, ...mdeOnly, 'NotEnoughDataToValidate', 'NotAvailable'],
};

/**
 * Checks the body of a PATCH and says what it changes. Names are case-sensitive, a determination is taken as it is
 * written in any case, and a comment is appended.
 * @throws {UpdateError}
 */
export function readIncidentUpdate(
  body: string,
  incident: Incident,
  spelling: Behavior['determinations'],
  author: string,
  at: number,
): IncidentChanges {
  const members = parseJsonObject(body);
  if (!members || Object.keys(members).length === 0) throw new UpdateError('The request body is missing or malformed.');
  const changes: IncidentChanges = {};
  for (const [name, value] of Object.entries(members)) {
    switch (name) {
      case 'status':
        changes.status = requireOneOf(name, value, statuses);
        break;
      case 'classification':
        changes.classification = requireOneOf(name, value, classifications);
        break;
      case 'determination':
        changes.determination = requireDetermination(value, spelling);
        break;
      case 'assignedTo':
        changes.assignedTo = requireText(name, value) || null;
        break;
      case 'tags':
        changes.tags = requireTexts(name, value);
        break;
      case 'comment':
        changes.comments = [...incident.comments, toComment(requireText(name, value), author, at)];
        break;
      default:
        throw new UpdateError(`The property '${name}' does not exist on type 'IncidentUpdate'.`);
    }
  }
  return changes;
}

function toComment(comment: string, createdBy: string, at: number): IncidentComment {
  return { comment, createdBy, createdTime: new Date(at).toISOString() };
}

export function requireText(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new UpdateError(`The value of '${name}' is not a string.`);
  return value;
}

function requireTexts(name: string, value: unknown): string[] {
  if (!Array.isArray(value)) throw new UpdateError(`The value of '${name}' is not a list.`);
  return value.map((item) => requireText(name, item));
}

export function requireOneOf(name: string, value: unknown, allowed: readonly string[]): string {
  const text = requireText(name, value);
  if (!allowed.includes(text)) throw new UpdateError(`The value '${text}' is not valid for '${name}'.`);
  return text;
}

export function requireDetermination(value: unknown, spelling: Behavior['determinations']): string {
  const text = requireText('determination', value);
  const known = determinations[spelling].some((each) => each.toLowerCase() === text.toLowerCase());
  if (!known) throw new UpdateError(`The value '${text}' is not valid for 'determination'.`);
  return text;
}
