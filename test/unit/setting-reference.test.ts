import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { surface } from '../../functions/surface.ts';
import { parseConfig } from '../../shared/config.ts';
import { settingReference } from '../../shared/setting-reference.ts';
import { settings } from './settings.ts';

describe('settingReference', () => {
  it('documents the default that applies', () => {
    const documented = Object.entries(settingReference).flatMap(([name, { defaultValue }]) =>
      defaultValue === undefined || name === 'PUBLIC_URL' ? [] : [[name, defaultValue]],
    );
    assert.deepEqual(parseConfig({ ...settings, ...Object.fromEntries(documented) }), parseConfig(settings));
  });

  it('documents the schedule that a timer has by default', () => {
    const jobs = Object.values(surface).filter((declared) => declared.kind === 'job');
    const configurable = jobs.filter(({ schedule }) => schedule.setting !== undefined);
    assert.equal(configurable.length, 3);
    for (const { schedule } of configurable) {
      const { defaultValue } = Object.entries(settingReference).find(([name]) => name === schedule.setting)?.[1] ?? {};
      assert.equal(defaultValue, schedule.defaultValue);
    }
  });

  it('is Markdown for a table cell', () => {
    for (const { meaning, values } of Object.values(settingReference)) {
      assert.doesNotMatch(meaning + values, /[|\n]/);
      assert.doesNotMatch(meaning, /\.$/);
    }
  });
});
