/** What Defender can find: the material of which alerts and the events around them are made. */
export interface Detection {
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly severity: 'Informational' | 'Low' | 'Medium' | 'High';
  readonly serviceSource: string;
  readonly detectionSource: string;
  readonly mitreTechniques: readonly string[];
  readonly threatFamilyName?: string;
  /** Which entities an alert has besides a user. */
  readonly evidence: 'process' | 'logon' | 'mail';
  readonly fileName?: string;
  readonly commandLine?: string;
  readonly parent?: string;
  readonly remoteUrl?: string;
  readonly subject?: string;
}

const endpoint = { serviceSource: 'MicrosoftDefenderForEndpoint', evidence: 'process' } as const;

export const detections: readonly [Detection, ...Detection[]] = [
  {
    ...endpoint,
    title: 'Suspicious PowerShell command line',
    description:
      'A suspicious PowerShell activity was observed on the machine. This behavior may indicate that PowerShell was used during installation, exploration, or in some cases in lateral movement activities which are used by attackers to invoke modules, download external payloads, or get more information about the system.',
    category: 'Execution',
    severity: 'Medium',
    detectionSource: 'WindowsDefenderAtp',
    mitreTechniques: ['T1059.001', 'T1105'],
    fileName: 'powershell.exe',
    commandLine: 'powershell.exe -nop -w hidden -EncodedCommand SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQA',
    parent: 'WINWORD.EXE',
    remoteUrl: 'http://cdn-update.example/stage2.ps1',
  },
  {
    serviceSource: 'OfficeATP',
    title: 'Email messages containing malicious URL removed after delivery',
    description:
      'Emails with malicious URL that were delivered and later removed -V1.0.0.3. The messages were moved to quarantine by zero-hour auto purge.',
    category: 'InitialAccess',
    severity: 'Informational',
    detectionSource: 'OfficeATP',
    mitreTechniques: ['T1566.002'],
    evidence: 'mail',
    remoteUrl: 'https://sharepoint-review.example/login',
    subject: 'Document shared with you: Q4 budget review',
  },
  {
    serviceSource: 'AzureADIdentityProtection',
    title: 'Unfamiliar sign-in properties',
    description:
      'The following properties of this sign-in are unfamiliar for the given user: ASN, Browser, Device, IP, Location, EASId, TenantIPsubnet.',
    category: 'InitialAccess',
    severity: 'High',
    detectionSource: 'AzureADIdentityProtection',
    mitreTechniques: ['T1078', 'T1078.004'],
    evidence: 'logon',
  },
  {
    ...endpoint,
    title: "'Mimikatz' credential theft malware was prevented",
    description:
      'This program is a credential theft tool. Attackers can use it to read passwords, hashes and tickets from memory and to move to other devices with them. Microsoft Defender Antivirus prevented it from running.',
    category: 'CredentialAccess',
    severity: 'High',
    detectionSource: 'WindowsDefenderAv',
    mitreTechniques: ['T1003.001'],
    threatFamilyName: 'Mimikatz',
    fileName: 'mimikatz.exe',
    commandLine: 'mimikatz.exe "privilege::debug" "sekurlsa::logonpasswords" exit',
    parent: 'cmd.exe',
  },
  {
    serviceSource: 'MicrosoftCloudAppSecurity',
    title: 'Impossible travel activity',
    description:
      'The user was active from two places within a time that is too short to travel between them. If this is not a VPN, the account may be compromised.',
    category: 'InitialAccess',
    severity: 'Medium',
    detectionSource: 'MCAS',
    mitreTechniques: ['T1078'],
    evidence: 'logon',
  },
  {
    ...endpoint,
    title: 'Suspicious scheduled task created',
    description:
      'A process created a scheduled task that starts a program from a folder that users can write to. Attackers use scheduled tasks to stay on a device after a restart.',
    category: 'Persistence',
    severity: 'Medium',
    detectionSource: 'WindowsDefenderAtp',
    mitreTechniques: ['T1053.005'],
    fileName: 'schtasks.exe',
    commandLine: 'schtasks.exe /create /sc onlogon /tn "Edge Updater" /tr C:\\Users\\Public\\msedgeupd.exe /f',
    parent: 'powershell.exe',
  },
  {
    ...endpoint,
    title: 'Ransomware behavior detected in the file system',
    description:
      'A process renamed and rewrote many files in a short time in a way that is typical for ransomware. The device was not isolated automatically.',
    category: 'Impact',
    severity: 'High',
    detectionSource: 'WindowsDefenderAtp',
    mitreTechniques: ['T1486', 'T1490'],
    threatFamilyName: 'Lockbit',
    fileName: 'svchost32.exe',
    commandLine: 'C:\\ProgramData\\svchost32.exe -pass a1b2c3 -path \\\\fileserver\\share',
    parent: 'services.exe',
    remoteUrl: 'http://185-220-101-34.example/gate.php',
  },
  {
    ...endpoint,
    title: 'Possible lateral movement with remote service creation',
    description:
      'A service was created on this device from another device of the network. Attackers use remote services to run commands on devices that they have credentials for.',
    category: 'LateralMovement',
    severity: 'Medium',
    detectionSource: 'CustomerTI',
    mitreTechniques: ['T1021.002', 'T1569.002'],
    fileName: 'psexesvc.exe',
    commandLine: 'C:\\Windows\\PSEXESVC.exe',
    parent: 'services.exe',
  },
  {
    serviceSource: 'OfficeATP',
    title: 'User reported email as malware or phish',
    description: 'A user has reported an email as phish or malware -V1.0.0.2. An automated investigation was started.',
    category: 'InitialAccess',
    severity: 'Low',
    detectionSource: 'OfficeATP',
    mitreTechniques: ['T1566'],
    evidence: 'mail',
    remoteUrl: 'https://parcel-redelivery.example/pay',
    subject: 'Your parcel could not be delivered',
  },
  {
    ...endpoint,
    title: "'Wacatac' malware was detected",
    description:
      'Malware and unwanted software are undesirable applications that perform annoying, disruptive, or harmful actions on affected machines. Some of these undesirable applications can replicate and spread from one machine to another.',
    category: 'Malware',
    severity: 'Informational',
    detectionSource: 'WindowsDefenderAv',
    mitreTechniques: [],
    threatFamilyName: 'Wacatac',
    fileName: 'invoice_2026.scr',
    commandLine: 'invoice_2026.scr',
    parent: 'explorer.exe',
  },
];
