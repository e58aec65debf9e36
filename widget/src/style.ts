// How the panel looks. A constructed sheet: it needs no leave from the page's Content-Security-Policy.

export function style([light, dark]: [string, string][]): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
:host{all:initial;--a:${light[0]};--on:${light[1]};--bg:#fff;--t:#1b1a1f;--m:#5c5853;--l:#8b867d;--x:#a3201d}
@media(prefers-color-scheme:dark){:host{--a:${dark[0]};--on:${dark[1]};--bg:#1b1a20;--t:#eceaf0;--m:#b7b3c0;--l:#7b7785;--x:#ff9d94}}
*{box-sizing:border-box}
section{position:fixed;z-index:2147483000;inset-block-end:16px;inset-inline-end:16px;width:min(27rem,calc(100vw - 32px));max-height:calc(100vh - 32px);overflow:auto;padding:20px;background:var(--bg);color:var(--t);border:1px solid var(--l);border-radius:14px;box-shadow:0 8px 32px #0004;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans Arabic",sans-serif;text-align:start}
fieldset{border:0;margin:0;padding:0;min-width:0}
.q{display:block;font-weight:600;font-size:18px;line-height:1.35;padding:0;margin:0 0 12px;padding-inline-end:36px}
.help,.ends{color:var(--m);font-size:14px;margin:0 0 10px}
.ends{display:flex;justify-content:space-between;gap:12px;margin:6px 0 0}
.scale{display:grid;gap:3px}.s11{grid-template-columns:repeat(11,minmax(0,1fr))}.s7{grid-template-columns:repeat(7,minmax(0,1fr))}.s5{grid-template-columns:repeat(5,minmax(0,1fr))}
.scale label{position:relative;display:block}
.scale input{position:absolute;inset:0;width:100%;height:100%;margin:0;opacity:0;cursor:pointer}
.scale span{display:grid;place-items:center;min-height:44px;border:1px solid var(--l);border-radius:8px;font-variant-numeric:tabular-nums}
.scale input:checked+span{background:var(--a);border-color:var(--a);color:var(--on);font-weight:700}
.scale input:focus-visible+span,button:focus-visible,select:focus-visible,textarea:focus-visible,.thanks:focus-visible,input:focus-visible{outline:3px solid var(--a);outline-offset:2px}
.list label,.sub label{display:flex;gap:10px;align-items:flex-start;min-height:44px;padding:8px 0}
.sub label{display:inline-flex;margin-inline-end:16px}.sub legend{font-weight:500;padding:0}
.list input,.sub input{width:20px;height:20px;margin:2px 0 0;accent-color:var(--a);flex:none}
.row{display:flex;justify-content:space-between;align-items:center;gap:12px;padding:4px 0}
input:not([type]),textarea,select{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--l);border-radius:8px;padding:10px 12px;min-height:44px}
input:not([type]),textarea{width:100%}textarea{min-height:96px;resize:vertical}
.go{display:flex;gap:12px;align-items:center;margin-top:16px;flex-wrap:wrap}
button{font:inherit;cursor:pointer;border-radius:10px;min-height:44px;border:0}
.main{background:var(--a);color:var(--on);font-weight:600;padding:0 22px}
.plain{background:none;color:var(--a);padding:0 10px;text-decoration:underline}
.x{position:absolute;inset-block-start:8px;inset-inline-end:8px;width:44px;background:none;color:var(--m);font-size:16px}
.bad{color:var(--x);font-weight:600;margin:10px 0 0}.bad:empty{display:none}
.thanks{margin:0;font-weight:600;padding-inline-end:36px}
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);margin:0}
@media(forced-colors:active){.scale input:checked+span{background:Highlight;color:HighlightText;forced-color-adjust:none}}
@media(max-width:22rem){section{padding:14px}.scale{gap:1px}.scale span{font-size:14px;border-radius:6px}}
`);
  return sheet;
}
