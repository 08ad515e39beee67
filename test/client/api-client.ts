// @ts-nocheck
/**
 * defender-functions
 * 1.2.3
 * DO NOT MODIFY - This file has been generated using oazapfts.
 * See https://www.npmjs.com/package/oazapfts
 */
import * as Oazapfts from "@oazapfts/runtime";
import * as QS from "@oazapfts/runtime/query";
export const defaults: Oazapfts.Defaults<Oazapfts.CustomHeaders> = {
    headers: {},
    baseUrl: "https://contoso.azurewebsites.net/api"
};
const oazapfts = Oazapfts.runtime(defaults);
export const servers = {
    server1: "https://contoso.azurewebsites.net/api"
};
export type Incident = {
    incidentId: number;
    /** The incident that this one was merged into */
    redirectIncidentId?: number | null;
    incidentName?: string | null;
    createdTime?: string | null;
    lastUpdateTime?: string | null;
    assignedTo?: string | null;
    classification?: string | null;
    determination?: string | null;
    status?: string | null;
    severity?: string | null;
    tags?: string[] | null;
    comments?: {
        comment: string;
        createdBy?: string | null;
        createdTime?: string | null;
        [key: string]: unknown;
    }[] | null;
    alerts?: {
        alertId: string;
        title?: string | null;
        category?: string | null;
        status?: string | null;
        severity?: string | null;
        serviceSource?: string | null;
        creationTime?: string | null;
        lastUpdatedTime?: string | null;
        devices?: {
            [key: string]: unknown;
        }[] | null;
        entities?: {
            [key: string]: unknown;
        }[] | null;
        [key: string]: unknown;
    }[] | null;
    [key: string]: unknown;
};
export type Problem = {
    "type": string;
    title: string;
    status: number;
    /** For people */
    detail: string;
    /** For programs: stable */
    code: "InvalidRequest" | "InvalidQuery" | "RejectedByDefender" | "ActionNotAllowed" | "ActionAlreadyRunning" | "ContextNotSupported" | "TenantNotAllowed" | "InvalidUserToken" | "InteractionRequired" | "InvalidSignature" | "ReadOnly" | "MissingPermission" | "AccessDenied" | "ConsentRequired" | "TenantFixed" | "OperationInProgress" | "IdempotencyKeyReused" | "NotFound" | "NotAcceptable" | "RequestTooLarge" | "UnsupportedMediaType" | "Throttled" | "UpstreamFailed" | "CredentialUnavailable" | "UpstreamTimeout" | "InvalidConfiguration" | "InternalError";
    requestId: string;
    /** What an administrator can do about it */
    nextStep?: string;
    /** Every invalid input */
    errors?: {
        "in": "query" | "path" | "body" | "header" | "setting";
        /** The parameter or setting; in a body a JSON Pointer */
        name: string;
        detail: string;
    }[];
    upstream?: {
        service: "entra" | "keyVault" | "managedIdentity" | "defender" | "graph" | "storage";
        status?: number;
        /** As in AADSTS7000222 */
        code?: string;
        requestId?: string;
    };
};
export type Alert = {
    id: string;
    incidentId?: string | null;
    title?: string | null;
    description?: string | null;
    category?: string | null;
    status?: string | null;
    severity?: string | null;
    classification?: string | null;
    determination?: string | null;
    serviceSource?: string | null;
    detectionSource?: string | null;
    assignedTo?: string | null;
    alertWebUrl?: string | null;
    createdDateTime?: string | null;
    lastUpdateDateTime?: string | null;
    resolvedDateTime?: string | null;
    mitreTechniques?: string[] | null;
    comments?: {
        comment?: string | null;
        createdByDisplayName?: string | null;
        createdDateTime?: string | null;
        [key: string]: unknown;
    }[] | null;
    evidence?: {
        "@odata.type"?: string | null;
        [key: string]: unknown;
    }[] | null;
    [key: string]: unknown;
};
export type Machine = {
    id: string;
    computerDnsName?: string | null;
    firstSeen?: string | null;
    lastSeen?: string | null;
    osPlatform?: string | null;
    version?: string | null;
    lastIpAddress?: string | null;
    lastExternalIpAddress?: string | null;
    healthStatus?: string | null;
    riskScore?: string | null;
    exposureLevel?: string | null;
    rbacGroupName?: string | null;
    aadDeviceId?: string | null;
    machineTags?: string[] | null;
    [key: string]: unknown;
};
export type MachineAction = {
    id: string;
    "type"?: string | null;
    status?: string | null;
    machineId?: string | null;
    computerDnsName?: string | null;
    requestor?: string | null;
    requestorComment?: string | null;
    creationDateTimeUtc?: string | null;
    lastUpdateDateTimeUtc?: string | null;
    [key: string]: unknown;
};
export type InvestigationPackage = {
    /** Needs no token: whoever has the address has the package */
    uri: string;
    /** When the address ceases to work; absent where it does not tell */
    expires?: string;
};
export type Indicator = {
    id: string | number;
    indicatorValue: string;
    indicatorType?: string | null;
    action?: string | null;
    title?: string | null;
    description?: string | null;
    severity?: string | null;
    application?: string | null;
    recommendedActions?: string | null;
    rbacGroupNames?: string[] | null;
    generateAlert?: boolean | null;
    expirationTime?: string | null;
    createdBy?: string | null;
    creationTimeDateTimeUtc?: string | null;
    [key: string]: unknown;
};
export type Subscription = {
    id: string;
    callbackUrl: string;
    events: ("incident.created" | "incident.updated" | "hunt.results")[];
    minimumSeverity?: "UnSpecified" | "Informational" | "Low" | "Medium" | "High";
    status?: string[];
    /** Tenant ids, or * for every tenant */
    tenantIds: string[];
    createdAt: string;
    delivered: number;
    /** Deliveries that have not succeeded yet */
    waiting: number;
    /** Deliveries that were given up */
    deadLettered: number;
    lastDeliveryAt?: string;
    lastFailure?: {
        at: string;
        /** Absent when there was no answer */
        status?: number;
        detail: string;
    };
};
export type Hunt = {
    id: string;
    name: string;
    query: string;
    timespan?: string;
    schedule: string;
    /** Tenant ids, or * for every tenant */
    tenantIds: string[];
    onlyNew?: string;
    createdAt: string;
    nextRunAt: string;
    /** The last run in each tenant */
    lastRuns: {
        tenantId: string;
        at: string;
        /** How many rows were found, or were new */
        rows: number;
        error?: string;
    }[];
};
/**
 * List incidents
 */
export function listIncidents({ status, severity, assignedTo, createdSince, updatedSince, updatedBefore, top, tenantId, xMsClientRequestId }: {
    status?: ("Active" | "InProgress" | "Resolved" | "Redirected" | "AwaitingAction" | "New")[];
    severity?: ("UnSpecified" | "Informational" | "Low" | "Medium" | "High")[];
    assignedTo?: string;
    createdSince?: string;
    updatedSince?: string;
    updatedBefore?: string;
    top?: number;
    tenantId?: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            value: Incident[];
            /** Where the list goes on, even behind a page shorter than wanted; absent on the last page. Opaque: call it as it is. */
            nextLink?: string;
        };
    } | {
        status: number;
        data: Problem;
    }>(`/incidents${QS.query(QS.form({
        status,
        severity
    }), QS.explode({
        assignedTo,
        createdSince,
        updatedSince,
        updatedBefore,
        top,
        tenantId
    }))}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Get an incident
 */
export function getIncident({ incidentId, tenantId, xMsClientRequestId }: {
    incidentId: number;
    tenantId?: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Incident;
    } | {
        status: number;
        data: Problem;
    }>(`/incidents/${encodeURIComponent(incidentId)}${QS.query(QS.explode({
        tenantId
    }))}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Update an incident
 */
export function updateIncident({ incidentId, tenantId, idempotencyKey, xMsClientRequestId, body }: {
    incidentId: number;
    tenantId?: string;
    idempotencyKey?: string;
    xMsClientRequestId?: string;
    body: {
        /** The new state */
        status?: "Active" | "InProgress" | "Resolved" | "Redirected";
        /** The new owner; empty for none */
        assignedTo?: string;
        /** What the incident turned out to be */
        classification?: "TruePositive" | "InformationalExpectedActivity" | "FalsePositive";
        /** What exactly it turned out to be */
        determination?: "MultiStagedAttack" | "MaliciousUserActivity" | "CompromisedAccount" | "Malware" | "Phishing" | "UnwantedSoftware" | "SecurityTesting" | "LineOfBusinessApplication" | "ConfirmedActivity" | "Clean" | "NoEnoughDataToValidate" | "Other";
        /** The new tags, instead of all that are there */
        tags?: string[];
        /** A comment to add */
        comment?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Incident;
    } | {
        status: number;
        data: Problem;
    }>(`/incidents/${encodeURIComponent(incidentId)}${QS.query(QS.explode({
        tenantId
    }))}`, oazapfts.json({
        ...opts,
        method: "PATCH",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey,
            "x-ms-client-request-id": xMsClientRequestId
        })
    }));
}
/**
 * List alerts
 */
export function listAlerts({ status, severity, serviceSource, assignedTo, createdSince, updatedSince, top, tenantId, xMsClientRequestId }: {
    status?: ("New" | "InProgress" | "Resolved")[];
    severity?: ("UnSpecified" | "Informational" | "Low" | "Medium" | "High")[];
    serviceSource?: ("MicrosoftDefenderForEndpoint" | "MicrosoftDefenderForIdentity" | "MicrosoftDefenderForCloudApps" | "MicrosoftDefenderForOffice365" | "Microsoft365Defender" | "AzureAdIdentityProtection" | "MicrosoftAppGovernance" | "DataLossPrevention" | "MicrosoftDefenderForCloud" | "MicrosoftSentinel" | "MicrosoftInsiderRiskManagement" | "MicrosoftThreatIntelligence" | "Unknown")[];
    assignedTo?: string;
    createdSince?: string;
    updatedSince?: string;
    top?: number;
    tenantId?: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            value: Alert[];
            /** Where the list goes on, even behind a page shorter than wanted; absent on the last page. Opaque: call it as it is. */
            nextLink?: string;
        };
    } | {
        status: number;
        data: Problem;
    }>(`/alerts${QS.query(QS.form({
        status,
        severity,
        serviceSource
    }), QS.explode({
        assignedTo,
        createdSince,
        updatedSince,
        top,
        tenantId
    }))}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Get an alert
 */
export function getAlert({ alertId, tenantId, xMsClientRequestId }: {
    alertId: string;
    tenantId?: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Alert;
    } | {
        status: number;
        data: Problem;
    }>(`/alerts/${encodeURIComponent(alertId)}${QS.query(QS.explode({
        tenantId
    }))}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Update an alert
 */
export function updateAlert({ alertId, tenantId, idempotencyKey, xMsClientRequestId, body }: {
    alertId: string;
    tenantId?: string;
    idempotencyKey?: string;
    xMsClientRequestId?: string;
    body: {
        /** The new state */
        status?: "New" | "InProgress" | "Resolved";
        /** The new owner; empty for none */
        assignedTo?: string;
        /** What the alert turned out to be */
        classification?: "TruePositive" | "InformationalExpectedActivity" | "FalsePositive";
        /** What exactly it turned out to be */
        determination?: "MultiStagedAttack" | "MaliciousUserActivity" | "CompromisedAccount" | "Malware" | "Phishing" | "UnwantedSoftware" | "SecurityTesting" | "LineOfBusinessApplication" | "ConfirmedActivity" | "Clean" | "NoEnoughDataToValidate" | "Other";
        /** A comment to add */
        comment?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Alert;
    } | {
        status: number;
        data: Problem;
    }>(`/alerts/${encodeURIComponent(alertId)}${QS.query(QS.explode({
        tenantId
    }))}`, oazapfts.json({
        ...opts,
        method: "PATCH",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey,
            "x-ms-client-request-id": xMsClientRequestId
        })
    }));
}
/**
 * Run a hunting query
 */
export function runHuntingQuery({ tenantId, prefer, xMsClientRequestId, body }: {
    tenantId?: string;
    prefer?: "respond-async";
    xMsClientRequestId?: string;
    body: {
        /** The query, in KQL */
        query: string;
        /** How far to look back, as an ISO 8601 duration or interval; 30 days without it */
        timespan?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** The columns, in order */
            schema: {
                name: string;
                "type": string;
            }[];
            /** The rows: column name to value */
            results: {
                [key: string]: unknown;
            }[];
        };
    } | {
        status: 202;
        data: {};
    } | {
        status: number;
        data: Problem;
    }>(`/hunting${QS.query(QS.explode({
        tenantId
    }))}`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            Prefer: prefer,
            "x-ms-client-request-id": xMsClientRequestId
        })
    }));
}
/**
 * Get a hunting result
 */
export function getHuntingResult({ operationId, tenantId, xMsClientRequestId }: {
    operationId: string;
    tenantId?: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** The columns, in order */
            schema: {
                name: string;
                "type": string;
            }[];
            /** The rows: column name to value */
            results: {
                [key: string]: unknown;
            }[];
        };
    } | {
        status: 202;
        data: {};
    } | {
        status: number;
        data: Problem;
    }>(`/hunting/${encodeURIComponent(operationId)}${QS.query(QS.explode({
        tenantId
    }))}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * List machines
 */
export function listMachines({ name, healthStatus, riskScore, exposureLevel, lastSeenSince, top, tenantId, xMsClientRequestId }: {
    name?: string;
    healthStatus?: ("Active" | "Inactive" | "ImpairedCommunication" | "NoSensorData" | "NoSensorDataImpairedCommunication" | "Unknown")[];
    riskScore?: ("None" | "Informational" | "Low" | "Medium" | "High")[];
    exposureLevel?: ("None" | "Low" | "Medium" | "High")[];
    lastSeenSince?: string;
    top?: number;
    tenantId?: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            value: Machine[];
            /** Where the list goes on, even behind a page shorter than wanted; absent on the last page. Opaque: call it as it is. */
            nextLink?: string;
        };
    } | {
        status: number;
        data: Problem;
    }>(`/machines${QS.query(QS.explode({
        name,
        lastSeenSince,
        top,
        tenantId
    }), QS.form({
        healthStatus,
        riskScore,
        exposureLevel
    }))}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Get a machine
 */
export function getMachine({ machineId, tenantId, xMsClientRequestId }: {
    machineId: string;
    tenantId?: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Machine;
    } | {
        status: number;
        data: Problem;
    }>(`/machines/${encodeURIComponent(machineId)}${QS.query(QS.explode({
        tenantId
    }))}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Start a machine action
 */
export function startMachineAction({ machineId, tenantId, idempotencyKey, xMsClientRequestId, body }: {
    machineId: string;
    tenantId?: string;
    idempotencyKey?: string;
    xMsClientRequestId?: string;
    body: {
        /** What to do */
        "type": "isolate" | "unisolate" | "runAntiVirusScan" | "collectInvestigationPackage" | "stopAndQuarantineFile" | "restrictCodeExecution" | "unrestrictCodeExecution" | "offboard";
        /** Why; Defender keeps it with the action */
        comment: string;
        /** Of isolate: how far; Full without it */
        isolationType?: "Full" | "Selective" | "UnManagedDevice";
        /** Of runAntiVirusScan: how much; Quick without it */
        scanType?: "Quick" | "Full";
        /** Of stopAndQuarantineFile, which needs it: the SHA-1 of the file */
        sha1?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: MachineAction;
    } | {
        status: number;
        data: Problem;
    }>(`/machines/${encodeURIComponent(machineId)}/actions${QS.query(QS.explode({
        tenantId
    }))}`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey,
            "x-ms-client-request-id": xMsClientRequestId
        })
    }));
}
/**
 * Get a machine action
 */
export function getMachineAction({ actionId, tenantId, xMsClientRequestId }: {
    actionId: string;
    tenantId?: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: MachineAction;
    } | {
        status: 202;
        data: MachineAction;
    } | {
        status: number;
        data: Problem;
    }>(`/machine-actions/${encodeURIComponent(actionId)}${QS.query(QS.explode({
        tenantId
    }))}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Get the link to an investigation package
 */
export function getInvestigationPackage({ actionId, tenantId, xMsClientRequestId }: {
    actionId: string;
    tenantId?: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: InvestigationPackage;
    } | {
        status: number;
        data: Problem;
    }>(`/machine-actions/${encodeURIComponent(actionId)}/package${QS.query(QS.explode({
        tenantId
    }))}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * List indicators
 */
export function listIndicators({ indicatorType, indicatorValue, action, top, tenantId, xMsClientRequestId }: {
    indicatorType?: ("FileSha1" | "FileSha256" | "FileMd5" | "CertificateThumbprint" | "IpAddress" | "DomainName" | "Url")[];
    indicatorValue?: string;
    action?: ("Alert" | "Warn" | "Block" | "Audit" | "BlockAndRemediate" | "AlertAndBlock" | "Allowed")[];
    top?: number;
    tenantId?: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            value: Indicator[];
            /** Where the list goes on, even behind a page shorter than wanted; absent on the last page. Opaque: call it as it is. */
            nextLink?: string;
        };
    } | {
        status: number;
        data: Problem;
    }>(`/indicators${QS.query(QS.form({
        indicatorType,
        action
    }), QS.explode({
        indicatorValue,
        top,
        tenantId
    }))}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Submit an indicator
 */
export function submitIndicator({ tenantId, idempotencyKey, xMsClientRequestId, body }: {
    tenantId?: string;
    idempotencyKey?: string;
    xMsClientRequestId?: string;
    body: {
        /** The value; an indicator that has it already is changed */
        indicatorValue: string;
        /** What the value is */
        indicatorType: "FileSha1" | "FileSha256" | "FileMd5" | "CertificateThumbprint" | "IpAddress" | "DomainName" | "Url";
        /** What to do where it is seen */
        action: "Alert" | "Warn" | "Block" | "Audit" | "BlockAndRemediate" | "AlertAndBlock" | "Allowed";
        /** The title of the alert */
        title: string;
        /** What it is about */
        description: string;
        /** The application that the indicator belongs to */
        application?: string;
        /** When it ends; never without it */
        expirationTime?: string;
        /** The severity of the alert */
        severity?: "Informational" | "Low" | "Medium" | "High";
        /** What whoever sees the alert shall do */
        recommendedActions?: string;
        /** The device groups that it is for; all without it */
        rbacGroupNames?: string[];
        /** Where users who are warned or blocked can read more */
        educateUrl?: string;
        /** Whether an alert is raised; must be true for Audit */
        generateAlert?: boolean;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Indicator;
    } | {
        status: number;
        data: Problem;
    }>(`/indicators${QS.query(QS.explode({
        tenantId
    }))}`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey,
            "x-ms-client-request-id": xMsClientRequestId
        })
    }));
}
/**
 * Delete an indicator
 */
export function deleteIndicator({ indicatorId, tenantId, xMsClientRequestId }: {
    indicatorId: number;
    tenantId?: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 204;
    } | {
        status: number;
        data: Problem;
    }>(`/indicators/${encodeURIComponent(indicatorId)}${QS.query(QS.explode({
        tenantId
    }))}`, {
        ...opts,
        method: "DELETE",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * When there are new incidents
 */
export function pollIncidents({ events, minimumSeverity, status, state, tenantId, xMsClientRequestId }: {
    events?: ("incident.created" | "incident.updated")[];
    minimumSeverity?: "UnSpecified" | "Informational" | "Low" | "Medium" | "High";
    status?: ("Active" | "InProgress" | "Resolved" | "Redirected" | "AwaitingAction" | "New")[];
    state?: string;
    tenantId?: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            value: Incident[];
        };
    } | {
        status: 202;
        data: {
            value: Incident[];
        };
    } | {
        status: number;
        data: Problem;
    }>(`/triggers/incidents${QS.query(QS.form({
        events,
        status
    }), QS.explode({
        minimumSeverity,
        state,
        tenantId
    }))}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Subscribe
 */
export function subscribe({ tenantId, idempotencyKey, xMsClientRequestId, body }: {
    tenantId?: string;
    idempotencyKey?: string;
    xMsClientRequestId?: string;
    body: {
        callbackUrl: string;
        /** What to tell of; incident.created and incident.updated without it */
        events?: ("incident.created" | "incident.updated" | "hunt.results")[];
        /** Incidents at least this severe */
        minimumSeverity?: "UnSpecified" | "Informational" | "Low" | "Medium" | "High";
        /** Incidents in one of these states */
        status?: ("Active" | "InProgress" | "Resolved" | "Redirected" | "AwaitingAction" | "New")[];
        /** Tenants by id or verified domain, or * for every one that is served; the tenant of this call without it */
        tenantIds?: string[];
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: {
            id: string;
            callbackUrl: string;
            events: ("incident.created" | "incident.updated" | "hunt.results")[];
            minimumSeverity?: "UnSpecified" | "Informational" | "Low" | "Medium" | "High";
            status?: string[];
            /** Tenant ids, or * for every tenant */
            tenantIds: string[];
            createdAt: string;
            delivered: number;
            /** Deliveries that have not succeeded yet */
            waiting: number;
            /** Deliveries that were given up */
            deadLettered: number;
            lastDeliveryAt?: string;
            lastFailure?: {
                at: string;
                /** Absent when there was no answer */
                status?: number;
                detail: string;
            };
            /** By which deliveries are signed: shown this once */
            signingSecret?: string;
        };
    } | {
        status: number;
        data: Problem;
    }>(`/subscriptions${QS.query(QS.explode({
        tenantId
    }))}`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey,
            "x-ms-client-request-id": xMsClientRequestId
        })
    }));
}
/**
 * List subscriptions
 */
export function listSubscriptions({ top, xMsClientRequestId }: {
    top?: number;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            value: Subscription[];
            /** Where the list goes on, even behind a page shorter than wanted; absent on the last page. Opaque: call it as it is. */
            nextLink?: string;
        };
    } | {
        status: number;
        data: Problem;
    }>(`/subscriptions${QS.query(QS.explode({
        top
    }))}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Get a subscription
 */
export function getSubscription({ subscriptionId, xMsClientRequestId }: {
    subscriptionId: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Subscription;
    } | {
        status: number;
        data: Problem;
    }>(`/subscriptions/${encodeURIComponent(subscriptionId)}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Unsubscribe
 */
export function unsubscribe({ subscriptionId, xMsClientRequestId }: {
    subscriptionId: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 204;
    } | {
        status: number;
        data: Problem;
    }>(`/subscriptions/${encodeURIComponent(subscriptionId)}`, {
        ...opts,
        method: "DELETE",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * List dead letters
 */
export function listDeadLetters({ subscriptionId, top, xMsClientRequestId }: {
    subscriptionId: string;
    top?: number;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            value: {
                webhookId: string;
                "type": "incident.created" | "incident.updated" | "hunt.results";
                tenantId: string;
                incidentId?: number;
                attempts: number;
                lastFailure?: {
                    at: string;
                    /** Absent when there was no answer */
                    status?: number;
                    detail: string;
                };
                deadLetteredAt: string;
            }[];
            /** Where the list goes on, even behind a page shorter than wanted; absent on the last page. Opaque: call it as it is. */
            nextLink?: string;
        };
    } | {
        status: number;
        data: Problem;
    }>(`/subscriptions/${encodeURIComponent(subscriptionId)}/dead-letters${QS.query(QS.explode({
        top
    }))}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Resend dead letters
 */
export function resendDeadLetters({ subscriptionId, idempotencyKey, xMsClientRequestId }: {
    subscriptionId: string;
    idempotencyKey?: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: Subscription;
    } | {
        status: number;
        data: Problem;
    }>(`/subscriptions/${encodeURIComponent(subscriptionId)}/dead-letters`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey,
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Create a hunt
 */
export function createHunt({ tenantId, idempotencyKey, xMsClientRequestId, body }: {
    tenantId?: string;
    idempotencyKey?: string;
    xMsClientRequestId?: string;
    body: {
        /** By what people know it */
        name: string;
        /** The query, in KQL */
        query: string;
        /** How far to look back; 30 days without it */
        timespan?: string;
        /** When to run it: NCRONTAB of five or six fields, in UTC */
        schedule: string;
        /** Tenants by id or verified domain, or * for every one that is served; the tenant of this call without it */
        tenantIds?: string[];
        /** The column that tells rows apart: only those with a value are delivered that were not found before */
        onlyNew?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: Hunt;
    } | {
        status: number;
        data: Problem;
    }>(`/hunts${QS.query(QS.explode({
        tenantId
    }))}`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey,
            "x-ms-client-request-id": xMsClientRequestId
        })
    }));
}
/**
 * List hunts
 */
export function listHunts({ top, xMsClientRequestId }: {
    top?: number;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            value: Hunt[];
            /** Where the list goes on, even behind a page shorter than wanted; absent on the last page. Opaque: call it as it is. */
            nextLink?: string;
        };
    } | {
        status: number;
        data: Problem;
    }>(`/hunts${QS.query(QS.explode({
        top
    }))}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Get a hunt
 */
export function getHunt({ huntId, xMsClientRequestId }: {
    huntId: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Hunt;
    } | {
        status: number;
        data: Problem;
    }>(`/hunts/${encodeURIComponent(huntId)}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Delete a hunt
 */
export function deleteHunt({ huntId, xMsClientRequestId }: {
    huntId: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 204;
    } | {
        status: number;
        data: Problem;
    }>(`/hunts/${encodeURIComponent(huntId)}`, {
        ...opts,
        method: "DELETE",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * List tenants
 */
export function listTenants({ top, xMsClientRequestId }: {
    top?: number;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            value: {
                tenantId: string;
                state: "home" | "pending" | "consented" | "revoked";
                lastSuccessAt?: string;
                lastError?: {
                    /** The AADSTS code where there is one */
                    code: string;
                    at: string;
                };
            }[];
            /** Where the list goes on, even behind a page shorter than wanted; absent on the last page. Opaque: call it as it is. */
            nextLink?: string;
        };
    } | {
        status: number;
        data: Problem;
    }>(`/tenants${QS.query(QS.explode({
        top
    }))}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Onboard a tenant
 */
export function onboardTenant({ idempotencyKey, xMsClientRequestId, body }: {
    idempotencyKey?: string;
    xMsClientRequestId?: string;
    body: {
        /** The id of the tenant, or one of its verified domains */
        tenantId: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            tenantId: string;
            state: "home" | "pending" | "consented" | "revoked";
            lastSuccessAt?: string;
            lastError?: {
                /** The AADSTS code where there is one */
                code: string;
                at: string;
            };
            /** Where an administrator of the tenant grants consent */
            consentUrl: string;
        };
    } | {
        status: 201;
        data: {
            tenantId: string;
            state: "home" | "pending" | "consented" | "revoked";
            lastSuccessAt?: string;
            lastError?: {
                /** The AADSTS code where there is one */
                code: string;
                at: string;
            };
            /** Where an administrator of the tenant grants consent */
            consentUrl: string;
        };
    } | {
        status: number;
        data: Problem;
    }>("/tenants", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey,
            "x-ms-client-request-id": xMsClientRequestId
        })
    }));
}
/**
 * Come back from admin consent
 */
export function consentCallback({ state, tenant, adminConsent, error, xMsClientRequestId }: {
    state?: string;
    tenant?: string;
    adminConsent?: string;
    error?: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: string;
    } | {
        status: 400;
        data: string;
    } | {
        status: number;
        data: Problem;
    }>(`/tenants/consent${QS.query(QS.explode({
        state,
        tenant,
        admin_consent: adminConsent,
        error
    }))}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Offboard a tenant
 */
export function offboardTenant({ tenantId, xMsClientRequestId }: {
    tenantId: string;
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 204;
    } | {
        status: number;
        data: Problem;
    }>(`/tenants/${encodeURIComponent(tenantId)}`, {
        ...opts,
        method: "DELETE",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Take events of Key Vault
 */
export function keyVaultEvents({ xMsClientRequestId, body }: {
    xMsClientRequestId?: string;
    body: ({
        id: string;
        subject?: string;
        data?: unknown;
        eventType: string;
        [key: string]: unknown;
    } | {
        id: string;
        subject?: string;
        data?: unknown;
        "type": string;
        specversion: string;
        [key: string]: unknown;
    })[] | ({
        id: string;
        subject?: string;
        data?: unknown;
        eventType: string;
        [key: string]: unknown;
    } | {
        id: string;
        subject?: string;
        data?: unknown;
        "type": string;
        specversion: string;
        [key: string]: unknown;
    });
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            validationResponse?: string;
        };
    } | {
        status: number;
        data: Problem;
    }>("/webhooks/key-vault", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    }));
}
/**
 * Take a signed command
 */
export function commandWebhook({ xMsClientRequestId, body }: {
    xMsClientRequestId?: string;
    body: {
        "type": "incident.update" | "machine.action" | "indicator.submit";
        tenantId?: string;
        data: {
            [key: string]: unknown;
        };
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            [key: string]: unknown;
        };
    } | {
        status: 202;
        data: {
            [key: string]: unknown;
        };
    } | {
        status: number;
        data: Problem;
    }>("/webhooks/commands", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    }));
}
/**
 * Check the app's credentials and permissions
 */
export function health({ xMsClientRequestId }: {
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            status: "healthy" | "degraded" | "unhealthy";
            version: string;
            credential: {
                kind: "secret" | "certificate" | "federated" | "managedIdentity";
                name?: string;
                version?: string;
                createdAt?: string;
                expiresAt?: string;
                daysLeft?: number;
            };
            tenants: {
                tenantId: string;
                state: "home" | "pending" | "consented" | "revoked";
                apis: {
                    api: "defenderXdr" | "defenderForEndpoint" | "graph";
                    steps: {
                        name: "managedIdentity" | "keyVault" | "token" | "permissions";
                        status: "pass" | "warn" | "fail" | "skipped";
                        durationMs: number;
                        code?: string;
                        detail?: string;
                        nextStep?: string;
                    }[];
                    permissions: {
                        granted: string[];
                        missing: string[];
                    };
                }[];
            }[];
        };
    } | {
        status: 503;
        data: {
            status: "healthy" | "degraded" | "unhealthy";
            version: string;
            credential: {
                kind: "secret" | "certificate" | "federated" | "managedIdentity";
                name?: string;
                version?: string;
                createdAt?: string;
                expiresAt?: string;
                daysLeft?: number;
            };
            tenants: {
                tenantId: string;
                state: "home" | "pending" | "consented" | "revoked";
                apis: {
                    api: "defenderXdr" | "defenderForEndpoint" | "graph";
                    steps: {
                        name: "managedIdentity" | "keyVault" | "token" | "permissions";
                        status: "pass" | "warn" | "fail" | "skipped";
                        durationMs: number;
                        code?: string;
                        detail?: string;
                        nextStep?: string;
                    }[];
                    permissions: {
                        granted: string[];
                        missing: string[];
                    };
                }[];
            }[];
        };
    } | {
        status: number;
        data: Problem;
    }>("/health", {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Check that the app is up
 */
export function ping({ xMsClientRequestId }: {
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            status: "ok";
            version: string;
        };
    } | {
        status: number;
        data: Problem;
    }>("/ping", {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Get the OpenAPI 3.1 document
 */
export function openApi({ xMsClientRequestId }: {
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: unknown;
    } | {
        status: number;
        data: Problem;
    }>("/openapi.json", {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Get the Swagger 2.0 document
 */
export function swagger({ xMsClientRequestId }: {
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            [key: string]: unknown;
        };
    } | {
        status: number;
        data: Problem;
    }>("/swagger.json", {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
/**
 * Get the API reference as a page
 */
export function docs({ xMsClientRequestId }: {
    xMsClientRequestId?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: string;
    } | {
        status: number;
        data: Problem;
    }>("/docs", {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-ms-client-request-id": xMsClientRequestId
        })
    });
}
