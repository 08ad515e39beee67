import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { QueryError } from '../../sandbox/kql/query-error.ts';
import { runQuery } from '../../sandbox/kql/run-query.ts';
import type { Table } from '../../sandbox/kql/table.ts';

const now = Date.parse('2026-11-20T12:00:00Z');
const hour = 60 * 60 * 1000;

const logons: Table = {
  columns: [
    { name: 'Timestamp', type: 'datetime' },
    { name: 'User', type: 'string' },
    { name: 'Port', type: 'long' },
    { name: 'Failed', type: 'bool' },
  ],
  rows: [
    { Timestamp: now - 30 * hour, User: 'alex', Port: 443, Failed: false },
    { Timestamp: now - 3 * hour, User: 'Alex', Port: 80, Failed: true },
    { Timestamp: now - 2.5 * hour, User: 'megan.bowen', Port: 8080, Failed: true },
    { Timestamp: now - hour, User: 'lee', Port: 443, Failed: false },
  ],
};

const run = (query: string) => runQuery(query, (name) => (name === 'Logons' ? logons : undefined), now);
const usersOf = (query: string) => run(`${query} | project User`).rows.map(({ User }) => User);

describe('where', () => {
  const cases: readonly [condition: string, users: readonly string[]][] = [
    ["User == 'alex'", ['alex']],
    ['User =~ "ALEX"', ['alex', 'Alex']],
    ["User != 'alex' and User !~ 'lee'", ['Alex', 'megan.bowen']],
    ['Port >= 443 and Port < 8080', ['alex', 'lee']],
    ["User contains 'E' and User !contains 'X'", ['megan.bowen', 'lee']],
    ["User startswith 'a' or User endswith 'N'", ['alex', 'Alex', 'megan.bowen']],
    ["User has 'bowen'", ['megan.bowen']],
    ["User has 'bow'", []],
    ["User in ('alex', 'lee')", ['alex', 'lee']],
    ["User in~ ('ALEX')", ['alex', 'Alex']],
    ["User !in ('alex', 'lee') and not(Failed == false)", ['Alex', 'megan.bowen']],
    ['Failed', ['Alex', 'megan.bowen']],
    ['Timestamp > ago(1d) and Timestamp < ago(2h)', ['Alex', 'megan.bowen']],
    ['Timestamp >= datetime(2026-11-20T11:00:00Z)', ['lee']],
    ['now() - Timestamp > 24h', ['alex']],
    ["(User == 'lee' or Port == 80) and Port != 443", ['Alex']],
  ];
  for (const [condition, users] of cases) {
    it(`keeps the rows for which ${condition}`, () => {
      assert.deepEqual(usersOf(`Logons | where ${condition}`), users);
    });
  }
});

describe('the other operators', () => {
  it('project names, renames and computes columns', () => {
    const { columns, rows } = run('Logons | project Who = User, Port, Port + 1 | take 1');
    assert.deepEqual(columns, [
      { name: 'Who', type: 'string' },
      { name: 'Port', type: 'long' },
      { name: 'Column3', type: 'long' },
    ]);
    assert.deepEqual(rows, [{ Who: 'alex', Port: 443, Column3: 444 }]);
  });

  it('project-away drops columns and extend adds some', () => {
    const { columns, rows } = run('Logons | project-away Timestamp, Failed | extend Shout = toupper(User) | limit 1');
    assert.deepEqual(
      columns.map(({ name }) => name),
      ['User', 'Port', 'Shout'],
    );
    assert.deepEqual(rows, [{ User: 'alex', Port: 443, Shout: 'ALEX' }]);
  });

  it('top, sort and order sort descending by default', () => {
    assert.deepEqual(usersOf('Logons | top 2 by Timestamp'), ['lee', 'megan.bowen']);
    assert.deepEqual(usersOf('Logons | sort by Port asc, User desc'), ['Alex', 'lee', 'alex', 'megan.bowen']);
    assert.deepEqual(usersOf('Logons | order by Port'), ['megan.bowen', 'alex', 'lee', 'Alex']);
  });

  it('count and distinct', () => {
    assert.deepEqual(run('Logons | where Failed | count').rows, [{ Count: 2 }]);
    assert.deepEqual(run('Logons | distinct Port').rows, [{ Port: 443 }, { Port: 80 }, { Port: 8080 }]);
  });

  it('summarize groups, names its columns and bins time', () => {
    assert.deepEqual(run('Logons | summarize count(), dcount(User), Last = max(Port) by Failed').rows, [
      { Failed: false, count_: 2, dcount_User: 2, Last: 443 },
      { Failed: true, count_: 2, dcount_User: 2, Last: 8080 },
    ]);
    assert.deepEqual(run('Logons | where Failed | summarize sum(Port), avg(Port), min(Port)').rows, [
      { sum_Port: 8160, avg_Port: 4080, min_Port: 80 },
    ]);
    assert.deepEqual(run('Logons | where Port > 9000 | summarize count()').rows, [{ count_: 0 }]);
    const perHour = run('Logons | where Failed | summarize count() by bin(Timestamp, 1h)').rows;
    assert.deepEqual(perHour, [{ Timestamp: now - 3 * hour, count_: 2 }]);
  });

  it('accepts comments and line breaks', () => {
    assert.equal(run('// who failed?\nLogons\n| where Failed // true\n| count').rows[0]?.Count, 2);
  });
});

describe('unsupported queries', () => {
  const semantic: readonly [query: string, sentence: string][] = [
    ['Nothing', "Failed to resolve table or column expression named 'Nothing'."],
    ['Logons | where Nothing == 1', "'where' operator: Failed to resolve table or column expression named 'Nothing'."],
    ['Logons | top 1 by Nothing', "'top' operator: Failed to resolve table or column expression named 'Nothing'."],
    ["Logons | where Port == 'a'", "'where' operator: Cannot compare values of types long and string."],
    ['Logons | where Port', "'where' operator: The expression must be of type bool, but it is long."],
    ['Logons | where foo(Port)', "'where' operator: Unknown function: 'foo'"],
    ['Logons | join Logons on User', "'join' operator: "],
  ];
  for (const [query, sentence] of semantic) {
    it(query, () => {
      assert.throws(
        () => run(query),
        (error) =>
          error instanceof QueryError &&
          error.message.startsWith(sentence) &&
          error.message.endsWith(' Fix semantic errors in your query.'),
      );
    });
  }

  for (const query of [
    '',
    'Logons |',
    'Logons | where',
    'Logons | where (Port == 1',
    "Logons | where User == 'a",
    'Logons; Logons',
    'Logons Logons',
    'Logons | take many',
  ]) {
    it(`a query that cannot be parsed: ${query}`, () => {
      assert.throws(() => run(query), /could not be parsed at .* Fix syntax errors in your query\.$/);
    });
  }
});
