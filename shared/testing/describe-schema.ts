import type { Db } from '#shared/db/open-db.ts';

/**
 * The schema `dispatch` as SQL that a person can read, from the catalog of a database: extensions, functions, tables
 * with columns, constraints and settings, other indexes, triggers. In a fixed order, so that two of them can be compared as text.
 */
export async function describeSchema(db: Db): Promise<string> {
  const parts = await Promise.all(
    [EXTENSIONS, FUNCTIONS, TABLES, SETTINGS, INDEXES, TRIGGERS].map((query) => db.run<{ line: string }>(query)),
  );
  return `${parts.map((rows) => rows.map((row) => row.line).join('\n')).join('\n\n')}\n`;
}

const EXTENSIONS = `
  SELECT 'CREATE EXTENSION ' || extname || ';' AS line FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY extname`;

const FUNCTIONS = `
  SELECT trim(trailing E'\\n' FROM pg_get_functiondef(p.oid)) || ';' AS line
  FROM pg_proc p WHERE p.pronamespace = 'dispatch'::regnamespace ORDER BY p.proname`;

/** The migrator's own table is none of ours. */
const TABLES = `
  WITH tables AS (
    SELECT oid, relname FROM pg_class
    WHERE relnamespace = 'dispatch'::regnamespace AND relkind = 'r' AND relname <> 'migrations'),
  columns AS (
    SELECT a.attrelid AS oid, 1 AS kind, a.attnum::int AS place, '' AS name, '  ' || quote_ident(a.attname) || ' '
      || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
      || CASE WHEN d.adbin IS NULL THEN '' WHEN a.attgenerated = 's'
           THEN ' GENERATED ALWAYS AS (' || regexp_replace(pg_get_expr(d.adbin, d.adrelid), '\\s+', ' ', 'g') || ') STORED'
           ELSE ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) END AS line
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped),
  constraints AS (
    SELECT conrelid AS oid, 2 AS kind, strpos('pufc', contype::text) AS place, conname::text AS name,
      '  CONSTRAINT ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid) AS line
    FROM pg_constraint WHERE contype IN ('p', 'u', 'f', 'c'))
  SELECT 'CREATE TABLE dispatch.' || t.relname || E' (\\n'
    || string_agg(l.line, E',\\n' ORDER BY l.kind, l.place, l.name COLLATE "C") || E'\\n);\\n' AS line
  FROM tables t JOIN (SELECT * FROM columns UNION ALL SELECT * FROM constraints) l USING (oid)
  GROUP BY t.relname ORDER BY t.relname COLLATE "C"`;

/** Those that no constraint makes. */
const INDEXES = `
  SELECT pg_get_indexdef(i.indexrelid) || ';' AS line
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
  WHERE c.relnamespace = 'dispatch'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u'))
  ORDER BY c.relname COLLATE "C"`;

const SETTINGS = `
  SELECT 'ALTER TABLE dispatch.' || relname || ' SET (' || array_to_string(reloptions, ', ') || ');' AS line
  FROM pg_class WHERE relnamespace = 'dispatch'::regnamespace AND relkind = 'r' AND reloptions IS NOT NULL
  ORDER BY relname COLLATE "C"`;

const TRIGGERS = `
  SELECT pg_get_triggerdef(t.oid) || ';' AS line FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  WHERE c.relnamespace = 'dispatch'::regnamespace AND NOT t.tgisinternal ORDER BY t.tgname COLLATE "C"`;
