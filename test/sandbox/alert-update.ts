import type { AlertChanges } from './alert-store.ts';
import type { Behavior } from './behavior.ts';
import { parseJsonObject } from './exchange.ts';
import { requireDetermination, requireOneOf, requireText, UpdateError } from './incident-update.ts';

const statuses = ['new', 'inProgress', 'resolved'];
const classifications = ['unknown', 'falsePositive', 'truePositive', 'informationalExpectedActivity'];

/**
 * Checks the body of a PATCH and says what it changes, in the spelling of Defender XDR. Names and values are case-sensitive but for a
 * determination, which is taken as it is written.
 * @throws {UpdateError}
 */
export function readAlertUpdate(body: string, spelling: Behavior['determinations']): AlertChanges {
  const members = parseJsonObject(body);
  if (!members || Object.keys(members).length === 0) throw new UpdateError('Unable to read JSON request payload.');
  const changes: AlertChanges = {};
  for (const [name, value] of Object.entries(members)) {
    switch (name) {
      case 'status':
        changes.status = toPascalCase(requireOneOf(name, value, statuses));
        break;
      case 'classification':
        changes.classification = toPascalCase(requireOneOf(name, value, classifications));
        break;
      case 'determination':
        changes.determination = toPascalCase(requireDetermination(value, spelling));
        break;
      case 'assignedTo':
        changes.assignedTo = value === null ? null : requireText(name, value);
        break;
      default:
        throw new UpdateError(`The property '${name}' does not exist on type 'microsoft.graph.security.alert'.`);
    }
  }
  return changes;
}

/**
 * The text of a comment.
 * @throws {UpdateError}
 */
export function readAlertComment(body: string): string {
  const { comment, '@odata.type': type } = parseJsonObject(body) ?? {};
  if (type !== 'microsoft.graph.security.alertComment' && type !== '#microsoft.graph.security.alertComment') {
    throw new UpdateError('The payload is not of type microsoft.graph.security.alertComment.');
  }
  return requireText('comment', comment);
}

function toPascalCase(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
