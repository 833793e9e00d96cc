/**
 * Functions of Postgres's own that its catalog calls stable, and whose result is made from their arguments and from settings: those that every connection
 * sets (styles of dates), and those that are kept with each result (time zone, search path, language of text search: `build/state/settings.ts`). All other stable ones look at the clock, the session, the server or the catalog, or
 * are not known, and their result is not taken for the same.
 *
 * `timezone` is `at time zone`: of a `timetz` it would look at the day's offset, of anything else it does not.
 */
const harmless = new Set(
  [
    // Text, and values as text.
    'anytextcat array_to_string concat concat_ws convert convert_from convert_to format length numeric money quote_literal quote_nullable textanycat',
    'pg_char_to_encoding pg_encoding_to_char pg_input_error_info pg_input_is_valid xml xml_is_well_formed',
    // Dates and times.
    'date date_add date_part date_subtract date_trunc extract generate_series in_range interval_pl_timestamptz make_timestamptz overlaps time timestamp',
    'timestamptz timestamptz_mi_interval timestamptz_pl_interval timezone to_char to_date to_number to_timestamp',
    // JSON and rows.
    'array_to_json json_agg json_agg_strict json_build_array json_build_object json_object_agg json_object_agg_strict json_object_agg_unique',
    'json_object_agg_unique_strict json_populate_record json_populate_recordset json_to_record json_to_recordset jsonb_agg jsonb_agg_strict',
    'jsonb_build_array jsonb_build_object jsonb_object_agg jsonb_object_agg_strict jsonb_object_agg_unique jsonb_object_agg_unique_strict',
    'jsonb_populate_record jsonb_populate_record_valid jsonb_populate_recordset jsonb_to_record jsonb_to_recordset row_to_json to_json to_jsonb',
    // Text search.
    'json_to_tsvector jsonb_to_tsvector phraseto_tsquery plainto_tsquery to_tsquery to_tsvector ts_debug ts_headline ts_match_tq ts_match_tt ts_parse',
    'ts_token_type websearch_to_tsquery',
    // What an expression is, not what it gives.
    'pg_collation_for pg_typeof',
    // The functions behind operators, and those that send values in binary form.
    ...['cmp', 'eq', 'ge', 'gt', 'le', 'lt', 'ne'].map(
      (operator) =>
        `date_${operator}_timestamptz timestamp_${operator}_timestamptz timestamptz_${operator}_date timestamptz_${operator}_timestamp`,
    ),
    'anyarray_send anycompatiblearray_send array_send bpcharsend enum_send multirange_send namesend range_send record_send textsend varcharsend xml_send',
  ].flatMap((names) => names.split(' ')),
);

/**
 * The same of extensions. What is not here counts: `crosstab` of tablefunc and `st_findextent` of PostGIS are stable because they read tables, and neither
 * the catalog nor the language of a function tells those from `unaccent`, which reads a dictionary.
 */
const harmlessOfExtensions: Readonly<Record<string, readonly string[]>> = {
  citext: ['citextsend'],
  pg_trgm: [
    'similarity_op',
    'strict_word_similarity_commutator_op',
    'strict_word_similarity_op',
    'word_similarity_commutator_op',
    'word_similarity_op',
  ],
  postgis: ['st_asgeojson'],
  postgis_raster: ['st_intersection', 'st_summary'],
  unaccent: ['unaccent'],
  xml2: ['xml_valid'],
};

/** Whether a stable function's result depends on its arguments and settings only. */
export function isHarmless(name: string, extension: string | null): boolean {
  return extension === null ? harmless.has(name) : (harmlessOfExtensions[extension]?.includes(name) ?? false);
}
