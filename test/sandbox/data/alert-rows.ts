import type { Incident } from '../incident.ts';
import type { Row } from '../kql/table.ts';

/** One row of `AlertInfo` for each alert of the incidents. */
export function createAlertRows(incidents: readonly Incident[]): readonly Row[] {
  return incidents
    .flatMap(({ alerts }) => alerts)
    .map((alert) => ({
      Timestamp: Date.parse(alert.creationTime),
      AlertId: alert.alertId,
      Title: alert.title,
      Category: alert.category,
      Severity: alert.severity,
      ServiceSource: alert.serviceSource,
      DetectionSource: alert.detectionSource,
      AttackTechniques: alert.mitreTechniques.length > 0 ? JSON.stringify(alert.mitreTechniques) : '',
    }));
}
