"""The style of all pages: one text, so that one hash allows it. Colours are named once for light and once for dark."""

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;
--paper:#faf9f6;--sheet:#ffffff;--ink:#1d2329;--soft:#525c66;--line:#dfdcd3;--edge:#8a8577;
--accent:#1f5673;--accent-soft:#e6eff4;
--danger:#8f1d22;--danger-soft:#fbe9e7;--danger-line:#d98a86;
--caution:#6b4300;--caution-soft:#fbf0d9;--caution-line:#d3ab5f;
--good:#1b5a38;--good-soft:#e4f2e9;--good-line:#8cbf9f;
--code:#f3f1ea;
--serif:"Iowan Old Style","Palatino Linotype",Palatino,Charter,"Source Serif 4",Georgia,"DejaVu Serif",serif;
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,sans-serif;
--mono:ui-monospace,"SF Mono",SFMono-Regular,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{
--paper:#14181c;--sheet:#1b2025;--ink:#e7e5df;--soft:#a9b1b8;--line:#313940;--edge:#76808a;
--accent:#8ec5e3;--accent-soft:#1d313d;
--danger:#ffb3ac;--danger-soft:#3a1f20;--danger-line:#8a4643;
--caution:#f2cd86;--caution-soft:#352a15;--caution-line:#7c6130;
--good:#9ad9b3;--good-soft:#18301f;--good-line:#3f7354;
--code:#232a30}}
*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.6 var(--sans);overflow-wrap:anywhere}
.page{max-width:72rem;margin:0 auto;padding:0 1.25rem}
h1,h2,h3,h4{margin:0;line-height:1.25;font-weight:600;text-wrap:balance}
h1{font:600 clamp(1.75rem,1.3rem + 2.2vw,2.75rem)/1.15 var(--serif);letter-spacing:-.015em}
h2{font:600 1.375rem/1.3 var(--serif)}
h3{font-size:1.0625rem}
h4{font-size:.9375rem}
p{margin:0}
ul,ol,dl,dd{margin:0;padding:0}
ul,ol{list-style:none}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:.18em}
a:hover{text-decoration-thickness:2px}
a,code,span,strong,dd,td,li{unicode-bidi:isolate}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:3px}
code,.mono{font-family:var(--mono);font-size:.875em;font-variant-ligatures:none}
.skip{position:absolute;left:-200vw;top:0;z-index:1;padding:.5rem 1rem;background:var(--sheet)}
.skip:focus{left:0}
.quiet{color:var(--soft)}
.small{font-size:.875rem}
.lead{font-size:1.125rem;line-height:1.55;max-width:42em;color:var(--soft);margin-top:.75rem}
.escaped{font-family:var(--mono);font-size:.85em;color:var(--danger);background:var(--danger-soft);border-radius:3px;
padding:0 .2em}
.top{background:var(--sheet);border-bottom:1px solid var(--line);padding-block:.8rem;font-size:.875rem}
.top .page{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline;justify-content:space-between}
.hero{padding-block:2.75rem 2.25rem;margin-bottom:2.25rem;background:var(--sheet);border-bottom:1px solid var(--line)}
.hero .kicker{font-size:.8125rem;letter-spacing:.04em;color:var(--soft);margin-bottom:.4rem}
.hero .version{font:400 1rem/1.4 var(--mono);color:var(--soft);letter-spacing:0;margin-left:.75em;vertical-align:.1em}
.numbers{display:flex;flex-wrap:wrap;gap:.75rem 2.25rem;margin-top:1.75rem}
.numbers div{display:flex;flex-direction:column-reverse}
.numbers dd{font:600 1.75rem/1.1 var(--serif);font-variant-numeric:lining-nums tabular-nums}
.numbers dt{font-size:.8125rem;color:var(--soft);margin-top:.25rem}
.badges{display:flex;flex-wrap:wrap;gap:.375rem}
.badge{display:inline-block;max-width:100%;font-size:.78125rem;line-height:1.35;font-weight:500;padding:.2em .6em;
border:1px solid var(--line);
border-radius:1em;background:var(--sheet);color:var(--soft)}
.danger{--tone:var(--danger);--tint:var(--danger-soft);--rim:var(--danger-line)}
.caution{--tone:var(--caution);--tint:var(--caution-soft);--rim:var(--caution-line)}
.good{--tone:var(--good);--tint:var(--good-soft);--rim:var(--good-line)}
.badge.danger,.badge.caution,.badge.good{color:var(--tone);background:var(--tint);border-color:var(--rim)}
.badge.danger{font-weight:600}
.badge.topic{border-color:transparent;background:none;padding-inline:.25em}
.find{position:sticky;top:0;z-index:1;background:var(--paper);padding:.75rem 0;margin-bottom:.5rem;display:grid;
grid-template-columns:minmax(0,1fr) auto;gap:.35rem 1rem;align-items:end}
.find[hidden]{display:none}
.find label{grid-column:1/-1;font-size:.875rem;font-weight:600}
.find input{width:100%;font:inherit;color:var(--ink);background:var(--sheet);border:1px solid var(--edge);
border-radius:.5rem;padding:.55rem .8rem}
.find input::placeholder{color:var(--soft);opacity:1}
.find p{font-size:.875rem;color:var(--soft);padding:.55rem 0;min-width:6.5em;text-align:right;
font-variant-numeric:tabular-nums}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,20.5rem),1fr));gap:1rem;margin-bottom:3rem}
.card{position:relative;display:flex;flex-direction:column;gap:.5rem;background:var(--sheet);
border:1px solid var(--line);border-radius:.75rem;
padding:1.1rem 1.2rem 1.15rem;contain:content}
.card[hidden]{display:none}
.card:hover{border-color:var(--edge)}
.card h3{font:600 1.125rem/1.3 var(--sans);display:flex;flex-wrap:wrap;gap:.1rem .6rem;align-items:baseline;
justify-content:space-between}
.card h3 a{color:inherit;text-decoration:none}
.card h3 a::after{content:"";position:absolute;inset:0;border-radius:.75rem}
.card:hover h3 a{color:var(--accent);text-decoration:underline}
.card h3 a:focus-visible{outline:none}
.card:focus-within{outline:3px solid var(--accent);outline-offset:2px}
.card h3 .version{font:400 .8125rem/1.4 var(--mono);color:var(--soft)}
.card .about{color:var(--soft);font-size:.9375rem;line-height:1.5;display:-webkit-box;-webkit-box-orient:vertical;
-webkit-line-clamp:4;overflow:hidden}
.card .badges{margin-top:auto;padding-top:.35rem}
.none{padding:2rem 0 3rem;color:var(--soft)}
.verdict{border:1px solid var(--rim);border-left:.4rem solid var(--tone);background:var(--tint);border-radius:.6rem;
padding:1rem 1.25rem}
.verdict h2{color:var(--tone)}
.verdict ul{margin-top:.5rem;display:grid;gap:.2rem}
.verdict .badges{display:flex;gap:.375rem;margin-top:.8rem}
.verdict strong{color:var(--tone)}
.split{display:grid;gap:2.5rem;padding-bottom:3.5rem}
.split>*{min-width:0}
.stack{display:grid;gap:2.25rem;min-width:0;align-content:start}
.stack>*{min-width:0}
.group>h3{display:flex;flex-wrap:wrap;gap:0 .6rem;align-items:baseline;padding-bottom:.4rem;
border-bottom:1px solid var(--line)}
.group>h3::before{content:"";align-self:center;width:.6rem;height:.6rem;border-radius:50%;background:var(--tone,
var(--edge))}
.group .note{color:var(--soft);font-size:.875rem;margin-top:.4rem}
.group{display:grid;gap:.1rem}
.groups{display:grid;gap:1.75rem}
.part{padding:.7rem 0;border-bottom:1px solid var(--line);display:grid;gap:.4rem;contain:content}
.part:last-child{border-bottom:0}
.part .head{display:flex;flex-wrap:wrap;gap:0 .75rem;align-items:baseline}
.part .head strong{font-weight:600}
.part .path{font:400 .8125rem/1.5 var(--mono);color:var(--soft)}
.run{font-family:var(--mono);font-size:.84375rem;line-height:1.55;background:var(--code);border-radius:.4rem;
padding:.5rem .75rem;white-space:pre-wrap}
.run::before{content:"$ ";color:var(--soft)}
.run.plain::before{content:none}
.facts{display:grid;grid-template-columns:minmax(0,max-content) minmax(0,1fr);gap:.15rem .9rem;font-size:.84375rem}
.facts dt{color:var(--soft);max-width:14em}
.facts dd{font-family:var(--mono);font-size:.96em;white-space:pre-wrap}
.box{background:var(--sheet);border:1px solid var(--line);border-radius:.75rem;padding:1.1rem 1.25rem;display:grid;
gap:.75rem}
.install{word-break:break-all;font-family:var(--mono);font-size:.84375rem;line-height:1.55;background:var(--code);
border:1px solid var(--line);border-radius:.5rem;
padding:.7rem .85rem;user-select:all;-webkit-user-select:all;display:block}
.copy{justify-self:start;font:500 .875rem/1 var(--sans);color:var(--accent);background:var(--accent-soft);
border:1px solid transparent;
border-radius:.4rem;padding:.55rem .8rem;cursor:pointer}
.copy:hover{border-color:var(--accent)}
.detail{display:grid;gap:.7rem}
.detail dt{font-size:.8125rem;color:var(--soft)}
.detail dd{font-size:.9375rem}
.detail dd code{font-size:.8125rem}
.names{display:flex;flex-wrap:wrap;gap:.35rem .9rem;padding-top:.6rem}
.change{padding:.85rem 0;border-bottom:1px solid var(--line);display:grid;gap:.4rem;contain:content}
.change h3 code{font-weight:400;font-size:.8125rem}
.change:last-child{border-bottom:0}
.grew li{font-family:var(--mono);font-size:.84375rem;padding:.15rem .6rem;border-left:3px solid var(--danger-line);
background:var(--danger-soft)}
.grew{display:grid;gap:.2rem}
.panel{margin-bottom:2.5rem}
.topic-of{display:grid;gap:1rem;min-width:0;align-content:start}
.topic-of>*{min-width:0}
.since{display:grid;gap:.5rem;justify-items:start}
.since>div,.since details{width:100%}
.since details.change{padding:.45rem 0}
.since details.change>summary{font-weight:400}
.since details[open]>.grew{margin:.4rem 0}
.panel summary{cursor:pointer;padding:.25rem 0;font-weight:600}
.end{border-top:1px solid var(--line);padding:1.5rem 0 3rem;font-size:.875rem;color:var(--soft)}
.end .page{display:grid;gap:.35rem}
@media (min-width:60rem){.split{grid-template-columns:minmax(0,1fr) 21rem;gap:3rem}
.split>aside{grid-column:2;grid-row:1/span 2;align-self:start}
.split>div{grid-column:1}}
@media (max-width:30rem){.page{padding:0 1rem}.hero{padding-block:1.75rem 1.5rem;margin-bottom:1.5rem}
.facts{grid-template-columns:minmax(0,1fr)}.facts dd{margin-bottom:.35rem}
.numbers{gap:.75rem 1.5rem}.lead{font-size:1rem}.find p{min-width:0}}
@media (forced-colors:active){.badge,.card,.verdict,.box{border-color:CanvasText}}
@media print{.find,.copy,.skip{display:none}.card,.verdict{break-inside:avoid}}
"""
