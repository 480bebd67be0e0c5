// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/TraceHtmlPage.h"

namespace lathe::html {

const char *const style = R"css(
:root{color-scheme:light dark;--bg:#fbfaf8;--card:#fff;--text:#1f2328;--dim:#626a73;--line:#e2e0dc;--agent:#6b5bd2;--model:#1f7a8c;
--tool:#b3641b;--memory:#3f7d4e;--control:#7a7f87;--human:#b0457b;--bad:#b42318;--ok:#2d7d46;--mark:#fff0a8}
@media(prefers-color-scheme:dark){:root{--bg:#17191c;--card:#1f2226;--text:#e6e3de;--dim:#9aa1a9;--line:#33373d;--agent:#a598ff;--model:#5fc3d6;
--tool:#f0a35c;--memory:#7cc58d;--control:#9aa1a9;--human:#f08cbb;--bad:#ff8a7d;--ok:#7bd093;--mark:#5d5213}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:14px/1.45 Inter,system-ui,sans-serif}
header,main,footer{max-width:1400px;margin:0 auto;padding:16px 20px}
h1{font-size:20px;margin:0 0 6px}
dl{display:flex;flex-wrap:wrap;gap:4px 28px;margin:0 0 12px}
dl div{display:flex;gap:6px}dt{color:var(--dim)}dd{margin:0;font-variant-numeric:tabular-nums}
pre,code{font:12.5px/1.5 "JetBrains Mono","DejaVu Sans Mono",ui-monospace,monospace}
pre{margin:4px 0 10px;padding:8px 10px;background:var(--card);border:1px solid var(--line);border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere;
unicode-bidi:plaintext;max-height:32em;overflow:auto}
h2{font-size:12px;font-weight:600;color:var(--dim);margin:10px 0 2px}
table{border-collapse:collapse;margin:4px 0 10px;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:2px 14px 2px 0;border-bottom:1px solid var(--line)}th:first-child,td:first-child{text-align:left}
th{font-weight:600;color:var(--dim)}
.costs{display:flex;flex-wrap:wrap;gap:0 40px}
.find{position:sticky;top:0;z-index:1;background:var(--bg);padding:8px 0;display:none;gap:8px;align-items:center}
.js .find{display:flex}
.find input{flex:0 1 320px;padding:5px 9px;border:1px solid var(--line);border-radius:6px;background:var(--card);color:var(--text);font:inherit}
.find button{padding:5px 10px;border:1px solid var(--line);border-radius:6px;background:var(--card);color:var(--text);font:inherit}
.find output{color:var(--dim)}
.step>summary{display:grid;grid-template-columns:minmax(0,1fr) 30% 72px 90px 76px;gap:12px;align-items:center;padding:3px 6px;border-radius:5px;cursor:pointer;
list-style:none;content-visibility:auto;contain-intrinsic-size:auto 27px}
.step>summary::-webkit-details-marker{display:none}
.step>summary:hover{background:var(--card)}.step>summary:focus-visible{outline:2px solid var(--agent)}
.name{padding-left:calc(var(--d)*14px);white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.name::before{content:"\25B8";display:inline-block;width:14px;color:var(--dim)}
.step[open]>summary .name::before{content:"\25BE"}
.dot{display:inline-block;width:8px;height:8px;border-radius:2px;margin-right:7px;background:var(--c)}
.time{position:relative;height:12px;background:linear-gradient(var(--line),var(--line)) center/100% 1px no-repeat}
.time i{position:absolute;left:var(--f);width:max(2px,var(--w));top:1px;bottom:1px;border-radius:2px;background:var(--c);opacity:.45}
.time i.crit{opacity:1}
.num{text-align:right;color:var(--dim);font-variant-numeric:tabular-nums;white-space:nowrap}
.agent{--c:var(--agent)}.model{--c:var(--model)}.tool{--c:var(--tool)}.memory{--c:var(--memory)}.control{--c:var(--control)}.human{--c:var(--human)}
.body{margin:2px 0 8px calc(var(--d)*14px + 20px)}
.status{color:var(--dim);margin-left:6px}.failed,.error{color:var(--bad)}.done,.ok{color:var(--ok)}
.msg{border-left:3px solid var(--line);padding-left:10px;margin:6px 0}.msg>b{font-size:12px}
.msg img{max-width:100%;max-height:360px;display:block}
.hit>summary{background:var(--mark)}.out{display:none}
footer{color:var(--dim);font-size:12px}
@media(max-width:760px){.step>summary{grid-template-columns:minmax(0,1fr) 66px}.time,.tokens,.cost{display:none}}
@media print{.find{display:none}pre{max-height:none}}
)css";

// Searches texts of steps; a step that holds the words keeps those around it.
const char *const script = R"js(
(function(){
document.documentElement.className='js';
var box=document.getElementById('q'),out=document.getElementById('n'),steps=[].slice.call(document.querySelectorAll('details.step'));
var texts=null,timer=0;
function own(s){var t='';for(var c=s.firstChild;c;c=c.nextSibling)if(!(c.nodeName==='DETAILS'&&c.className.indexOf('step')===0))t+=c.textContent+'\n';return t.toLowerCase()}
function find(){
 var words=box.value.toLowerCase().split(/\s+/).filter(Boolean),hits=0,i;
 if(words.length&&!texts)texts=steps.map(own);
 for(i=0;i<steps.length;i++){steps[i].classList.remove('hit');steps[i].classList.toggle('out',words.length>0)}
 if(words.length)for(i=0;i<steps.length;i++){
  if(!words.every(function(w){return texts[i].indexOf(w)>=0}))continue;
  hits++;steps[i].classList.add('hit');
  for(var e=steps[i];e&&e.nodeName==='DETAILS';e=e.parentNode){e.classList.remove('out');if(e!==steps[i])e.open=true}
 }
 out.textContent=words.length?hits+(hits===1?' step':' steps'):'';
}
box.addEventListener('input',function(){clearTimeout(timer);timer=setTimeout(find,120)});
document.getElementById('open').addEventListener('click',function(){steps.forEach(function(s){s.open=true})});
document.getElementById('shut').addEventListener('click',function(){steps.forEach(function(s){s.open=false})});
document.addEventListener('keydown',function(e){if(e.key==='/'&&document.activeElement!==box){e.preventDefault();box.focus()}});
})();
)js";

} // namespace lathe::html
