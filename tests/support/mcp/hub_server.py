#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small MCP server (2025-11-25, stdio) that a test steers: hub_server.py TOOLS.json PIDS.txt.

TOOLS.json holds the tools/list entries, read anew for each list (TOOLS.json.next, when there is one, takes its place during the list); PIDS.txt gets a line for each start. Tools that it knows how to do:
ask (elicits {"colour"}), sample (asks the client's model), secret (tells the variable TOKEN, also on stderr), changed (sends list_changed).
"""
import json
import os
import sys
import time

tools_file, pids_file = sys.argv[1], sys.argv[2]
with open(pids_file, "a", encoding="utf-8") as pids:
    pids.write(f"{os.getpid()}\n")
if os.environ.get("NEVER_ANSWERS"):
    time.sleep(3600)
next_id = 0


def send(message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def ask(method, params):
    global next_id
    next_id += 1
    send({"id": f"s{next_id}", "method": method, "params": params})
    for line in sys.stdin:
        message = json.loads(line)
        if message.get("id") == f"s{next_id}":
            return message
    sys.exit(0)


def text(value, **more):
    return {"content": [{"type": "text", "text": value}], **more}


def call(name):
    if name == "ask":
        schema = {"type": "object", "properties": {"colour": {"type": "string"}, "size": {"type": "integer", "default": 7}}, "required": ["colour"]}
        return text(json.dumps(ask("elicitation/create", {"message": "Which colour?", "requestedSchema": schema}).get("result"), sort_keys=True))
    if name == "sample":
        answer = ask("sampling/createMessage", {"messages": [{"role": "user", "content": {"type": "text", "text": "Say hello"}}], "maxTokens": 50})
        return text(json.dumps(answer.get("result") or answer.get("error"), sort_keys=True))
    if name == "secret":
        print("my token is " + os.environ.get("TOKEN", "none"), file=sys.stderr, flush=True)
        return text(os.environ.get("TOKEN", "none") + " " + ",".join(sorted(os.environ)))
    if name == "changed":
        send({"method": "notifications/tools/list_changed"})
        return text("told")
    return text("called " + name)


for line in sys.stdin:
    message = json.loads(line)
    method = message.get("method")
    if "id" not in message or method is None:
        continue
    if method == "initialize":
        capabilities = {"tools": {"listChanged": True}, "resources": {}, "prompts": {}}
        result = {"protocolVersion": "2025-11-25", "capabilities": capabilities, "serverInfo": {"name": "hub-test", "version": "3"}, "instructions": "Be kind."}
    elif method == "tools/list":
        with open(tools_file, encoding="utf-8") as tools:
            result = {"tools": json.load(tools)}
        if os.path.exists(tools_file + ".next"):  # they change while they are being listed
            os.replace(tools_file + ".next", tools_file)
            send({"method": "notifications/tools/list_changed"})
            time.sleep(0.5)
    elif method == "resources/list":
        result = {"resources": [{"uri": "test://a", "name": "a"}]}
    elif method == "resources/templates/list":
        result = {"resourceTemplates": []}
    elif method == "prompts/list":
        result = {"prompts": [{"name": "p"}, {"name": "q"}]}
    elif method == "tools/call":
        result = call(message["params"]["name"])
    elif method == "ping":
        result = {}
    else:
        send({"id": message["id"], "error": {"code": -32601, "message": "Method not found"}})
        continue
    send({"id": message["id"], "result": result})
