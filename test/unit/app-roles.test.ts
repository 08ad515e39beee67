import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { surface } from '../../functions/surface.ts';
import { toAppRoles } from '../../infra/app-roles.ts';

describe('toAppRoles', () => {
  it('returns exactly the roles that operations declare', () => {
    const declared = Object.values(surface).flatMap((each) => {
      if (each.kind !== 'endpoint' || each.role === undefined) return [];
      return typeof each.role === 'string' ? [each.role] : each.role.anyOf;
    });
    // A role that includes a declared one, for callers that need both.
    const including = declared.flatMap((role) => (role.endsWith('.Read') ? [`${role}Write`] : []));
    const values = toAppRoles().map(({ value }) => value);
    assert.deepEqual(
      [...new Set<string>(declared)].filter((role) => !values.includes(role)),
      [],
    );
    assert.deepEqual(
      values.filter((value) => ![...declared, ...including].includes(value)),
      [],
    );
  });

  it('returns roles for applications and users, with unique and stable ids', () => {
    const roles = toAppRoles();
    for (const { allowedMemberTypes, isEnabled, description } of roles) {
      assert.deepEqual([allowedMemberTypes, isEnabled], [['Application', 'User'], true]);
      assert.notEqual(description, '');
    }
    assert.equal(new Set(roles.map(({ id }) => id)).size, roles.length);
    for (const { id } of roles)
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    // Assignments refer to the ids: this one must never change.
    assert.equal(roles.find(({ value }) => value === 'Incident.Read')?.id, '9be2f354-193d-505e-bfd7-fdeeeaf7062f');
  });
});
