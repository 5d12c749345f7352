// mailauth as bench/peers/process.py talks to it: frames in, CPU time and verdicts out, one process for all rounds.
'use strict';

const { dkimVerify } = require('mailauth/lib/dkim/verify');

const zone = new Map();
const messages = [];

async function resolver(name) {
    const text = zone.get(name);
    if (text === undefined) {
        throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    }
    return [[text]];
}

async function verdicts(message) {
    const { results } = await dkimVerify(message, { resolver });
    return results.map(each => (each.status.result === 'pass' ? '1' : '0')).join('');
}

async function round() {
    const from = process.cpuUsage();
    const said = [];
    for (const message of messages) {
        said.push(await verdicts(message));
    }
    const { user, system } = process.cpuUsage(from);
    process.stdout.write(`${user + system} ${said.join(',')}\n`);
}

async function* frames() {
    let held = Buffer.alloc(0);
    for await (const bytes of process.stdin) {
        held = Buffer.concat([held, bytes]);
        while (held.length >= 4 && held.length >= 4 + held.readUInt32BE(0)) {
            const end = 4 + held.readUInt32BE(0);
            yield Buffer.from(held.subarray(4, end));
            held = held.subarray(end);
        }
    }
}

async function main() {
    let first = true;
    for await (const frame of frames()) {
        if (first) {
            frame.toString().split('\n').filter(Boolean).forEach(line => zone.set(...line.split('\t')));
            first = false;
        } else if (frame.length) {
            messages.push(frame);
        } else {
            await round();
        }
    }
}

main();
