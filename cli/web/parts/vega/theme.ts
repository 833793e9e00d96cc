/**
 * Vega's settings in the colours of the page as it is now.
 * @param width of the drawing: a narrow one has fewer ticks, and its legend below
 * @param areLabelsFlat whether the names at an x axis need not be turned
 */
export function themeOf(element: Element, width: number, areLabelsFlat: boolean): Record<string, unknown> {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const isDark = document.documentElement.dataset.theme === 'dark';
  const font = style.fontFamily;
  const axis = {
    labelColor: color('dim'),
    titleColor: color('dim'),
    gridColor: color('line'),
    domainColor: color('line'),
    tickColor: color('line'),
    labelFont: font,
    titleFont: font,
    titleFontWeight: 'normal',
    labelFontSize: 11.5,
    titleFontSize: 11.5,
    labelLimit: 160,
  };
  return {
    background: 'transparent',
    font,
    view: { stroke: null },
    axis,
    // The page itself says what a chart is, and has its rows as a table.
    aria: false,
    axisTemporal: { grid: false, labelFlush: true },
    axisXTemporal: { tickCount: Math.max(2, Math.round(width / 85)) },
    axisQuantitative: { domain: false, ticks: false, tickCount: 5 },
    axisXDiscrete: { labelOverlap: 'parity', ...(areLabelsFlat && { labelAngle: 0 }) },
    axisXQuantitative: { tickCount: Math.max(2, Math.min(8, Math.round(width / 100))), labelOverlap: true },
    legend: {
      ...(width < 480 && { orient: 'bottom', columns: width < 400 ? 2 : 3 }),
      labelFontSize: 11.5,
      titleFontSize: 11.5,
      labelColor: color('text'),
      titleColor: color('dim'),
      labelFont: font,
      titleFont: font,
      titleFontWeight: 'normal',
      symbolType: 'circle',
      labelLimit: 140,
    },
    header: { labelColor: color('text'), titleColor: color('dim'), labelFont: font, titleFont: font },
    mark: { tooltip: true, color: color('accent') },
    text: { fill: color('text') },
    rule: { color: color('dim') },
    line: { strokeWidth: 2 },
    area: { line: false, opacity: 0.85 },
    bar: { cornerRadiusEnd: 2 },
    range: {
      // From little, which is near the ground, to much.
      ramp: ramp(isDark),
      heatmap: ramp(isDark),
      category: isDark
        ? [
            '#7db5f5',
            '#f2a65a',
            '#7ccf8f',
            '#f58f8f',
            '#b9a3f0',
            '#6fd3d3',
            '#e8cf6a',
            '#f0a3cf',
            '#a9b4c2',
            '#c3d977',
            '#8fa8ff',
            '#d9a78a',
          ]
        : [
            '#1a5fb4',
            '#c8611a',
            '#26804a',
            '#b3324a',
            '#6b4bb8',
            '#11808a',
            '#9a7400',
            '#a83f88',
            '#5a6675',
            '#6d8a12',
            '#3f51c4',
            '#8a5a3c',
          ],
    },
  };
}

function ramp(isDark: boolean): readonly string[] {
  return isDark ? ['#22344d', '#3f6ea8', '#7db5f5', '#e3f0ff'] : ['#e4eefa', '#9cc3ec', '#3d7fc9', '#0d3f80'];
}
