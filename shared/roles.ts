/**
 * Application roles of the app registration, named in the style of Defender's own permissions. Each operation declares the one that it
 * requires. A role that ends in `ReadWrite` includes the one that ends in `Read`.
 */
export const roleDescriptions = {
  'Incident.Read': 'Read incidents and poll for them',
  'Incident.ReadWrite': 'Read and update incidents',
  'Alert.Read': 'Read alerts',
  'Alert.ReadWrite': 'Read and update alerts',
  'ThreatHunting.Read': 'Run hunting queries',
  'Hunt.ReadWrite': 'Manage saved hunts',
  'Machine.Read': 'Read machines and machine actions',
  'Machine.Isolate': 'Isolate machines and release them from isolation',
  'Machine.Scan': 'Run antivirus scans on machines',
  'Machine.CollectForensics': 'Collect investigation packages from machines',
  'Machine.RestrictExecution': 'Restrict code execution on machines and remove the restriction',
  'Machine.StopAndQuarantine': 'Stop files on machines and quarantine them',
  'Machine.Offboard': 'Offboard machines from Defender for Endpoint',
  'Ti.Read': 'Read indicators',
  'Ti.ReadWrite': 'Read, submit and delete indicators',
  'Subscription.ReadWrite': 'Manage own subscriptions and their dead letters',
  'Tenant.Read': 'List tenants',
  'Tenant.ReadWrite': 'List, onboard and offboard tenants',
  'Caller.ReadWrite': 'Manage the tenants of callers, and read what every caller owns',
  'Health.Read': 'Read the health of the app',
  AzureEventGridSecureWebhookSubscriber: 'Deliver events of Key Vault through Event Grid',
} as const;

export type Role = keyof typeof roleDescriptions;

/** Whether the roles in a token include a role. */
export function includesRole(granted: readonly string[], role: Role): boolean {
  return granted.includes(role) || (role.endsWith('.Read') && granted.includes(`${role}Write`));
}
