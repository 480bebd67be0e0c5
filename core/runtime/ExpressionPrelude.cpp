// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/ExpressionPrelude.h"

namespace lathe {

QString expressionPrelude()
{
    return QStringLiteral(R"JS((function (world) {
"use strict";
var most = 4e6;            // characters or elements that one native call may work on or make
var mostNodes = 1e6;       // values in a result
var mostResult = 16e6;     // characters in a result
var StringOf = String, RangeErrorOf = RangeError, TypeErrorOf = TypeError, keysOf = Object.keys, isArray = Array.isArray;
var parse = JSON.parse, stringify = JSON.stringify, nan = isNaN, floor = Math.floor;

function tooLong(what) { throw new RangeErrorOf(what + ' would be too long'); }
function hide(object, name, value) {
    Object.defineProperty(object, name, {value: value, writable: true, enumerable: false, configurable: true});
}
function text(it) {
    if (it === null || it === undefined)
        throw new TypeErrorOf('null and undefined have no text functions');
    return StringOf(it);
}

// --- gone: what a run could not replay, and what reaches raw memory or a later time
['Date', 'ArrayBuffer', 'SharedArrayBuffer', 'DataView', 'Atomics', 'Promise', 'Proxy', 'eval', 'Int8Array', 'Uint8Array',
 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'WeakMap',
 'WeakSet', 'console', 'print', 'gc', 'Qt'].forEach(function (name) { delete world[name]; });
delete Math.random;
delete String.raw;

// --- text
var S = String.prototype;
hide(S, 'repeat', function repeat(count) {
    var part = text(this), result = '';
    count = floor(+count || 0);
    if (count < 0 || part.length * count > most)
        tooLong('The text');
    for (; count > 0; count = floor(count / 2), part = count > 0 ? part + part : part)
        if (count % 2)
            result += part;
    return result;
});
function padding(it, length, fill) {
    fill = fill === undefined ? ' ' : StringOf(fill);
    length = floor(+length || 0) - it.length;
    if (length > most)
        tooLong('The text');
    if (length <= 0 || fill === '')
        return '';
    return fill.repeat(floor(length / fill.length) + 1).slice(0, length);
}
hide(S, 'padStart', function padStart(length, fill) { var it = text(this); return padding(it, length, fill) + it; });
hide(S, 'padEnd', function padEnd(length, fill) { var it = text(this); return it + padding(it, length, fill); });
hide(S, 'concat', function concat() {
    var result = text(this);
    for (var i = 0; i < arguments.length; ++i)
        result += StringOf(arguments[i]);
    return result;
});
hide(S, 'localeCompare', function localeCompare(other) {
    var a = text(this), b = StringOf(other);
    return a < b ? -1 : a > b ? 1 : 0;
});
hide(S, 'toLocaleUpperCase', S.toUpperCase);
hide(S, 'toLocaleLowerCase', S.toLowerCase);
hide(Number.prototype, 'toLocaleString', function toLocaleString() { return StringOf(+this); });
function guarded(native, name) {
    return function (a, b) {
        var it = text(this);
        if (it.length > most / 8)
            tooLong('A text that ' + name + ' works on');
        if (typeof a === 'string' && (name === 'match' || name === 'search'))
            a = new world.RegExp(a);
        if (name === 'replace' && typeof b === 'string' && (it.length + 1) * b.length * (b.indexOf('$') < 0 ? 1 : it.length + 1) > most * 4)
            tooLong('The text');
        return native.call(it, a, b);
    };
}
['replace', 'split', 'match', 'search', 'normalize'].forEach(function (name) {
    if (S[name])
        hide(S, name, guarded(S[name], name));
});
hide(S, 'replaceAll', function replaceAll(what, by) {
    if (what instanceof RegExp)
        return text(this).replace(what, by);
    var it = text(this), result = '', from = 0, at;
    what = StringOf(what);
    if (what === '')
        return it;
    while ((at = it.indexOf(what, from)) >= 0) {
        result += it.slice(from, at) + (typeof by === 'function' ? StringOf(by(what, at, it)) : StringOf(by));
        from = at + what.length;
    }
    return result + it.slice(from);
});
var R = RegExp.prototype, native = RegExp;
var Checked = function RegExp(pattern, flags) { // deep nests take the square of their depth
    pattern = pattern instanceof native ? pattern.source : pattern === undefined ? '(?:)' : StringOf(pattern);
    var depth = 0;
    for (var i = 0; i < pattern.length && i <= 1000; ++i)
        if ((pattern[i] === '(' && ++depth > 50) || i === 1000)
            tooLong('The regular expression');
        else if (pattern[i] === ')')
            --depth;
    return flags === undefined ? new native(pattern) : new native(pattern, flags);
};
Checked.prototype = R;
hide(R, 'constructor', Checked);
hide(world, 'RegExp', Checked);
delete R.compile;
function guardRegExp(name) {
    var native = R[name];
    if (typeof native !== 'function')
        return;
    hide(R, name, function (a, b) {
        if (a !== undefined && a !== null && StringOf(a).length > most / 8)
            tooLong('A text that an expression searches');
        return native.call(this, a, b);
    });
}
['exec', 'test'].forEach(guardRegExp);
[Symbol.replace, Symbol.split, Symbol.match, Symbol.search].forEach(function (symbol) {
    if (symbol && R[symbol])
        delete R[symbol];
});

// --- lists
var A = Array.prototype;
hide(A, 'join', function join(between) {
    between = between === undefined ? ',' : StringOf(between);
    var result = '', length = this.length >>> 0;
    for (var i = 0; i < length; ++i) {
        var it = this[i];
        result += (i ? between : '') + (it === null || it === undefined ? '' : StringOf(it));
    }
    return result;
});
hide(A, 'toString', function toString() { return A.join.call(this); });
hide(A, 'toLocaleString', A.toString);
hide(A, 'fill', function fill(value, from, to) {
    var length = this.length >>> 0;
    from = from === undefined ? 0 : from < 0 ? Math.max(0, length + from) : Math.min(from, length);
    to = to === undefined ? length : to < 0 ? Math.max(0, length + to) : Math.min(to, length);
    for (var i = from; i < to; ++i)
        this[i] = value;
    return this;
});
Object.getOwnPropertyNames(A).forEach(function (name) {
    var native = A[name];
    if (typeof native !== 'function' || ['constructor', 'join', 'toString', 'toLocaleString', 'fill', 'push', 'pop'].indexOf(name) >= 0)
        return;
    hide(A, name, function () {
        if (this !== null && this !== undefined && this.length > (name === 'sort' ? most / 40 : most))
            tooLong('A list that ' + name + ' works on');
        return native.apply(this, arguments);
    });
});
hide(A, 'flat', function flat(depth) {
    var result = [];
    depth = depth === undefined ? 1 : +depth;
    for (var i = 0; i < this.length; ++i) {
        if (isArray(this[i]) && depth >= 1) {
            var inner = A.flat.call(this[i], depth - 1);
            for (var j = 0; j < inner.length; ++j)
                result.push(inner[j]);
        } else if (i in this) {
            result.push(this[i]);
        }
    }
    return result;
});
hide(A, 'flatMap', function flatMap(f, self) { return A.flat.call(A.map.call(this, f, self)); });
hide(A, 'at', function at(i) { i = floor(+i || 0); return this[i < 0 ? this.length + i : i]; });
hide(S, 'at', function at(i) { var it = text(this); i = floor(+i || 0); return it[i < 0 ? it.length + i : i]; });
hide(Object, 'fromEntries', function fromEntries(entries) {
    var result = {};
    for (var entry of entries)
        result[entry[0]] = entry[1];
    return result;
});

// --- JSON: a bounded copy first, because the native writer looks at no bounds
function copyOf(value) {
    var nodes = 0, characters = 0, above = [];
    function copy(value, key) {
        if (value !== null && typeof value === 'object' && typeof value.toJSON === 'function')
            value = value.toJSON(key);
        if (value instanceof StringOf || value instanceof Number || value instanceof Boolean)
            value = value.valueOf();
        if (++nodes > mostNodes)
            tooLong('The result');
        if (typeof value === 'string' && (characters += value.length) > mostResult)
            tooLong('The result');
        if (typeof value !== 'object' || value === null)
            return value;
        if (above.indexOf(value) >= 0)
            throw new TypeErrorOf('A value that holds itself is no JSON');
        if (above.length > 500)
            throw new RangeErrorOf('The result is nested too deeply');
        above.push(value);
        var result, i;
        if (isArray(value)) {
            if (value.length > mostNodes)
                tooLong('The result');
            result = [];
            for (i = 0; i < value.length; ++i)
                result.push(copy(value[i], StringOf(i)));
        } else {
            result = Object.create(null); // whatever its keys are called
            var keys = keysOf(value);
            for (i = 0; i < keys.length; ++i) {
                var member = copy(value[keys[i]], keys[i]);
                characters += keys[i].length;
                if (member !== undefined && typeof member !== 'function')
                    result[keys[i]] = member;
            }
        }
        above.pop();
        return result;
    }
    return copy(value, '');
}
hide(JSON, 'stringify', function (value, replacer, space) {
    if (typeof replacer === 'function')
        throw new TypeErrorOf('JSON.stringify takes no function here');
    return stringify(copyOf(value), replacer, space);
});

// --- nothing an expression does is seen by the next
var seen = [];
function freeze(it) {
    if ((typeof it !== 'object' && typeof it !== 'function') || it === null || seen.indexOf(it) >= 0)
        return;
    seen.push(it);
    Object.getOwnPropertyNames(it).forEach(function (name) {
        var described = Object.getOwnPropertyDescriptor(it, name);
        if (described && 'value' in described)
            freeze(described.value);
    });
    freeze(Object.getPrototypeOf(it));
    Object.freeze(it);
}
freeze(world);
freeze((function* () {}).constructor);
freeze([][Symbol.iterator]().__proto__);
freeze(''[Symbol.iterator]().__proto__);
return {
    parse: function (json) { return parse(json); },
    call: function (f, a, b, c, d, e, g, h, i, j, k) {
        try {
            return {value: f(a, b, c, d, e, g, h, i, j, k)};
        } catch (thrown) {
            return {thrown: thrown};
        }
    },
    text: function (value) {
        var result = stringify(copyOf(value));
        return result === undefined ? 'null' : result;
    }
};
}))JS");
}

} // namespace lathe
