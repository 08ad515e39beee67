import type { Incident, IncidentAlert } from '../incident.ts';
import type { Row } from '../kql/table.ts';
import { type Detection, detections } from './detections.ts';
import type { Estate, Person } from './estate.ts';
import type { Random } from './random.ts';

const spanMs = 30 * 24 * 60 * 60 * 1000;
const ordinaryMails = 300;
const ordinaryLogons = 400;

/** Mails and sign-ins: those that the alerts of the incidents are about, and ordinary ones. */
export function createUserRows(estate: Estate, incidents: readonly Incident[], until: number, random: Random) {
  const alerts = incidents.flatMap((incident) => incident.alerts);
  const some = <T>(count: number, make: () => T) => Array.from({ length: count }, make);
  const atAnyTime = () => until - random.integer(0, spanMs);
  return {
    EmailEvents: [
      ...alerts.flatMap((alert) =>
        aboutAlert(alert, 'mail', estate, (at, to, { subject = '', remoteUrl }) => {
          const sender = `noreply@${new URL(remoteUrl ?? 'https://mail.example').hostname}`;
          return mailRow(at, to, sender, subject, 'Phish', random);
        }),
      ),
      ...some(ordinaryMails, () => {
        const sender = random.pick(estate.people).userPrincipalName;
        const subject = random.pick([
          'Weekly report',
          'Lunch?',
          'Re: Offer 2026-117',
          'Minutes of the meeting',
        ] as const);
        return mailRow(atAnyTime(), random.pick(estate.people), sender, subject, '', random);
      }),
    ],
    IdentityLogonEvents: [
      ...alerts.flatMap((alert) =>
        aboutAlert(alert, 'logon', estate, (at, person) => {
          const address = alert.entities.find(({ entityType }) => entityType === 'Ip')?.ipAddress;
          return logonRow(at, person, estate, typeof address === 'string' ? address : '203.0.113.1', 'BR', random);
        }),
      ),
      ...some(ordinaryLogons, () =>
        logonRow(atAnyTime(), random.pick(estate.people), estate, `192.0.2.${random.integer(1, 254)}`, 'DE', random),
      ),
    ],
  };
}

function aboutAlert(
  alert: IncidentAlert,
  evidence: Detection['evidence'],
  { people }: Estate,
  toRow: (at: number, person: Person, detection: Detection) => Row,
): readonly Row[] {
  const detection = detections.find(({ title }) => title === alert.title);
  const name = alert.entities.find(({ entityType }) => entityType === 'User')?.userPrincipalName;
  const person = people.find(({ userPrincipalName }) => userPrincipalName === name);
  if (detection?.evidence !== evidence || !person) return [];
  return [toRow(Date.parse(alert.firstActivity), person, detection)];
}

function mailRow(at: number, to: Person, sender: string, subject: string, threat: string, random: Random): Row {
  return {
    Timestamp: at,
    NetworkMessageId: random.guid(),
    InternetMessageId: `<${random.hex(16)}@mail.example>`,
    SenderFromAddress: sender,
    SenderIPv4: `198.51.100.${random.integer(1, 254)}`,
    RecipientEmailAddress: to.userPrincipalName,
    Subject: subject,
    DeliveryAction: threat === '' ? 'Delivered' : random.pick(['Delivered', 'Blocked', 'Junked'] as const),
    DeliveryLocation: threat === '' ? 'Inbox/folder' : 'Quarantine',
    ThreatTypes: threat,
    EmailDirection: threat === '' ? 'Intra-org' : 'Inbound',
    AttachmentCount: random.integer(0, 2),
    UrlCount: threat === '' ? 0 : 1,
  };
}

function logonRow(at: number, person: Person, estate: Estate, address: string, location: string, random: Random): Row {
  const failed = random.chance(0.1);
  return {
    Timestamp: at,
    ActionType: failed ? 'LogonFailed' : 'LogonSuccess',
    Application: random.pick(['Microsoft 365', 'Active Directory', 'Azure Portal'] as const),
    LogonType: 'Interactive',
    AccountName: person.accountName,
    AccountDomain: estate.domain.split('.')[0] ?? '',
    AccountUpn: person.userPrincipalName,
    AccountObjectId: person.aadUserId,
    DeviceName: random.pick(estate.devices).deviceDnsName,
    IPAddress: address,
    Location: location,
    FailureReason: failed ? 'WrongPassword' : '',
    Protocol: 'OAuth2',
  };
}
