"""What calls a function of a program in JavaScript, and writes what it gives back: a plain value, or an error."""

from __future__ import annotations

from typing import Final

_CALL: Final = """
;(async()=>{
const __r1_say=v=>{if(v===null||typeof v==='boolean'||typeof v==='string')return JSON.stringify(v);
if(typeof v==='bigint')return v.toString();
if(typeof v==='number'&&Number.isFinite(v))return JSON.stringify(v);
if(Array.isArray(v))return '['+Array.from(v,__r1_say).join(',')+']';
if(v&&typeof v==='object'&&Object.getPrototypeOf(v)===Object.prototype)return '{'+Object.keys(v).map(k=>JSON.stringify(k)+':'+__r1_say(v[k])).join(',')+'}';
throw new TypeError('returned a '+(v&&v.constructor?v.constructor.name:typeof v)+', which is no plain value')};
const __r1_f=typeof FUNCTION!=='undefined'?FUNCTION:typeof Solution!=='undefined'?(s=>s.FUNCTION.bind(s))(new Solution()):typeof module==='undefined'?undefined:typeof module.exports==='function'?module.exports:module.exports.FUNCTION;
if(typeof __r1_f!=='function')throw new ReferenceError("name 'FUNCTION' is not defined");
(WRITE)(__r1_say(await __r1_f(...JSON.parse(ARGUMENTS))));})()
"""


def make_call(function: str, arguments: str, write: str) -> str:
    """The text that goes behind a program. arguments: an expression for the JSON list; write: a function for the JSON value."""
    return _CALL.replace("ARGUMENTS", arguments).replace("WRITE", write).replace("FUNCTION", function)
