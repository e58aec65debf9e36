// Shapes that ECharts does not bring, by name. Each takes the page's style and returns a `renderItem`.
const color = (style, name) => style.getPropertyValue(name).trim();

// data: [low, high, position] for bars that lie; a line with 6 px caps.
const whiskerLying = (style) => (_params, api) => {
  const [left, y] = api.coord([api.value(0), api.value(2)]);
  const [right] = api.coord([api.value(1), api.value(2)]);
  const path = `M${left} ${y}H${right}M${left} ${y - 3}v6M${right} ${y - 3}v6`;
  return line(path, style);
};

// data: [position, low, high] for points and bars that stand.
const whiskerStanding = (style) => (_params, api) => {
  const [x, low] = api.coord([api.value(0), api.value(1)]);
  const [, high] = api.coord([api.value(0), api.value(2)]);
  const path = `M${x} ${low}V${high}M${x - 3} ${low}h6M${x - 3} ${high}h6`;
  return line(path, style);
};

function line(path, style) {
  return {
    type: "path",
    shape: { pathData: path },
    style: { stroke: color(style, "--v-text"), lineWidth: 1.25, fill: "none" },
    silent: true,
  };
}

export const renderers = { whiskerLying, whiskerStanding };
