"""Charts: pure functions from what was worked out to ECharts options. The browser only draws.

Colours are names of CSS variables ("--v-harm-mark"), resolved where the chart is drawn and again when the theme
changes. `"@name"` as `renderItem` names a drawing function of `assets/charts.js`; `{"@map": {...}}` becomes a
function from a value to its words. Times are days since 1970-01-01 UTC. Each chart comes in two layouts: wide, and
laid out anew with fewer labels for containers narrower than 420 px.
"""
