/** Words of Vega-Lite 5 that a chart may use. @see https://vega.github.io/vega-lite/docs/ */
const list = (words: string): readonly string[] => words.split(' ');

export const marks = list(
  'arc area bar boxplot circle errorband errorbar line point rect rule square text tick trail',
);

export const channels = list(
  'x y x2 y2 xError yError xError2 yError2 xOffset yOffset theta theta2 radius radius2 color fill stroke opacity fillOpacity ' +
    'strokeOpacity strokeWidth strokeDash size shape angle text tooltip detail key order description facet row column',
);

/** What a channel's definition may say. */
export const definitionKeys = list(
  'field type aggregate bin timeUnit title format formatType axis legend scale sort stack impute condition value datum header ' +
    'bandPosition content align bounds center columns spacing',
);

/** What a layer may have. */
export const layerKeys = list('mark encoding layer transform params resolve title name description');

export const measureTypes = list('quantitative temporal ordinal nominal');

/** Of numbers only. */
export const numericAggregates = list(
  'sum mean average product variance variancep stdev stdevp stderr median q1 q3 ci0 ci1',
);

/** Of anything. */
export const otherAggregates = list('count valid missing distinct min max argmin argmax');

export const windowOperations = list(
  'row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value',
);

export const transforms = list(
  'aggregate bin calculate density extent filter flatten fold impute joinaggregate loess pivot quantile regression sample ' +
    'stack timeUnit window',
);

export const scaleTypes = list(
  'linear log pow sqrt symlog time utc ordinal band point bin-ordinal quantile quantize threshold',
);

/** What would load something, lead somewhere else, or take the page's own look away; wherever it stands. */
export const foreignKeys = list('data datasets url href $schema config usermeta lookup element');

const timeUnit =
  /^(utc)?(binned)?(year)?(quarter)?(month)?(week)?(date)?(dayofyear)?(day)?(hours)?(minutes)?(seconds)?(milliseconds)?$/;

/** `yearmonth`, `hoursminutes` */
export function isTimeUnit(name: string): boolean {
  return name !== '' && name !== 'utc' && timeUnit.test(name);
}

/** Functions of expressions that chart one table. @see https://vega.github.io/vega/docs/expressions/ */
export const expressionFunctions = list(
  'isArray isBoolean isDate isDefined isNumber isObject isRegExp isString isValid toBoolean toDate toNumber toString ' +
    'isNaN isFinite abs acos asin atan atan2 ceil cos exp floor hypot log max min pow random round sin sqrt tan clamp ' +
    'cumulativeNormal cumulativeLogNormal cumulativeUniform densityNormal densityLogNormal densityUniform ' +
    'quantileNormal quantileLogNormal quantileUniform sampleNormal sampleLogNormal sampleUniform ' +
    'now datetime date day dayofyear year quarter month week hours minutes seconds milliseconds time timezoneoffset ' +
    'utc utcdate utcday utcdayofyear utcyear utcquarter utcmonth utcweek utchours utcminutes utcseconds utcmilliseconds ' +
    'timeFormat timeParse timeOffset timeSequence timeUnitSpecifier utcFormat utcParse utcOffset utcSequence ' +
    'monthFormat monthAbbrevFormat dayFormat dayAbbrevFormat format ' +
    'extent indexof inrange join lastindexof length lerp peek pluck reverse sequence slice sort span ' +
    'lower pad parseFloat parseInt replace split substring trim truncate upper btoa atob merge ' +
    'regexp test if rgb hsl lab hcl luminance contrast warn info debug',
);
