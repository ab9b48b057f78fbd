#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Reads the manifests of packages that were put together, and says what is wrong with them.

  manifests.py VERSION ESP PLATFORMIO CMSIS      folders, as scripts/package makes them

Each manifest parses, has the fields that its tool asks for, is of VERSION, and every file that it names exists.
"""
import json
import os
import re
import sys
import xml.etree.ElementTree as ElementTree

wrong = []


def expect(holds, what):
    if not holds:
        wrong.append(what)


def exists(folder, name):
    expect(os.path.exists(os.path.join(folder, name)), "%s names %s, which is not there" % (os.path.basename(folder), name))


def esp_idf(folder, version):
    try:
        import yaml
    except ImportError:
        return "idf_component.yml not read: no python3-yaml"
    with open(folder + "/idf_component.yml", encoding="utf-8") as file:
        manifest = yaml.safe_load(file)
    expect(manifest["version"] == version, "idf_component.yml is of version %s" % manifest["version"])
    expect(manifest["license"] == "MIT" and manifest["description"], "idf_component.yml lacks licence or description")
    expect(set(manifest) <= {"version", "description", "license", "dependencies"}, "idf_component.yml: an unknown field")
    with open(folder + "/CMakeLists.txt", encoding="utf-8") as file:
        call = re.search(r"idf_component_register\(SRCS (.*) INCLUDE_DIRS (\S+)", file.read())
    for name in call.group(1).split() + [call.group(2)]:
        exists(folder, name)
    return "idf_component.yml"


def platformio(folder, version):
    with open(folder + "/library.json", encoding="utf-8") as file:
        manifest = json.load(file)
    expect(manifest["version"] == version, "library.json is of version %s" % manifest["version"])
    expect(re.fullmatch(r"[a-z0-9-]{1,50}", manifest["name"]), "library.json: a name that is none")
    expect(0 < len(manifest["description"]) <= 255 and manifest["license"] == "MIT", "library.json: description, licence")
    for name in manifest["headers"]:
        exists(folder, os.path.join(manifest["build"]["includeDir"], name))
    exists(folder, os.path.join(manifest["build"]["srcDir"], "tarn.c"))
    return "library.json"


def cmsis_pack(folder, version):
    root = ElementTree.parse(folder + "/tarn.tarn.pdsc").getroot()
    expect(root.tag == "package" and root.get("schemaVersion"), "pdsc: no package with a schemaVersion")
    for name in ("vendor", "name", "description", "url", "license", "releases", "components"):
        expect(root.find(name) is not None, "pdsc: no %s" % name)
    expect("%s.%s.pdsc" % (root.findtext("vendor"), root.findtext("name")) == "tarn.tarn.pdsc", "pdsc: not named for itself")
    exists(folder, root.findtext("license"))
    expect(root.find("releases/release").get("version") == version, "pdsc: the first release is another version")
    components = root.findall("components/component")
    expect(len([one for one in components if one.get("isDefaultVariant") == "true"]) == 1, "pdsc: not one default variant")
    known = {(one.get("Cclass"), one.get("Cgroup")) for one in root.findall("taxonomy/description")}
    for one in components:
        expect(one.get("Cversion") == version, "pdsc: a component of version %s" % one.get("Cversion"))
        expect((one.get("Cclass"), one.get("Cgroup")) in known, "pdsc: a component without taxonomy")
        expect("TARN_PORT_%s\n" % one.get("Cvariant").upper() in one.findtext("Pre_Include_Global_h"), "pdsc: another port")
        for file in one.findall("files/file"):
            exists(folder, file.get("name"))
    return "tarn.tarn.pdsc"


def main(version, esp, pio, cmsis):
    read = [esp_idf(esp, version), platformio(pio, version), cmsis_pack(cmsis, version)]
    for what in wrong:
        sys.stderr.write("packages: %s\n" % what)
    print(", ".join(read))
    return 1 if wrong else 0


sys.exit(main(*sys.argv[1:]))
