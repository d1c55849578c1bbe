# SPDX-License-Identifier: BSD-3-Clause
"""Checks Kubernetes manifests: prints what is wrong, one line each. manifests.py FILE..."""

import json
import os
import sys

import jsonschema
import yaml

HERE = os.path.dirname(os.path.abspath(__file__))


def schema(name):
    """A validator by its file."""
    with open(os.path.join(HERE, "schema", name), encoding="utf-8") as file:
        return jsonschema.Draft7Validator(json.load(file))


class UniqueKeys(yaml.SafeLoader):
    """PyYAML takes the last of two equal keys."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.YAMLError(f"line {node.start_mark.line + 1}: the key {key} is there twice")
        return super().construct_mapping(node, deep)


def pod_faults(spec):
    """Names that must agree within a pod."""
    volumes = [volume["name"] for volume in spec.get("volumes", [])]
    mounted = set()
    for container in spec.get("initContainers", []) + spec["containers"]:
        for mount in container.get("volumeMounts", []):
            mounted.add(mount["name"])
            if mount["name"] not in volumes:
                yield f"container {container['name']} mounts {mount['name']}, which is no volume"
        resources = container.get("resources", {})
        requests, limits = resources.get("requests", {}), resources.get("limits", {})
        for name in set(requests) | set(limits):
            # Of hugepages and devices, a request must be the limit.
            if ("/" in name or name.startswith("hugepages")) and requests.get(name) != limits.get(name):
                yield f"container {container['name']}: request and limit of {name} differ"
        if any(name.startswith("hugepages") for name in limits) and not {"cpu", "memory"} & set(limits):
            yield f"container {container['name']}: hugepages need cpu or memory as well"
    for name in volumes:
        if name not in mounted:
            yield f"volume {name} is not mounted"
    if len(volumes) != len(set(volumes)):
        yield "two volumes have one name"


def object_faults(document, validators):
    """What is wrong with one object."""
    faults = sorted(validators["k8s.json"].iter_errors(document), key=str)
    for fault in faults:
        best = jsonschema.exceptions.best_match([fault])
        yield f"{'/'.join(str(part) for part in best.absolute_path)}: {best.message}"
    if faults:
        return
    if document["kind"] == "Pod":
        yield from pod_faults(document["spec"])
    elif document["kind"] == "DaemonSet":
        template = document["spec"]["template"]
        yield from pod_faults(template["spec"])
        labels = template["metadata"]["labels"]
        for key, value in document["spec"]["selector"]["matchLabels"].items():
            if labels.get(key) != value:
                yield f"the selector's {key} is not the template's"
    elif document["kind"] == "ConfigMap" and "config.json" in document["data"]:
        try:
            config = json.loads(document["data"]["config.json"])
        except ValueError as error:
            yield f"config.json: {error}"
            return
        for fault in validators["device-plugin.json"].iter_errors(config):
            yield f"config.json: {'/'.join(str(part) for part in fault.absolute_path)}: {fault.message}"


def file_faults(name, validators):
    """What is wrong with one file."""
    try:
        with open(name, encoding="utf-8") as file:
            documents = [document for document in yaml.load_all(file, UniqueKeys) if document is not None]
    except yaml.YAMLError as error:
        yield f"{name}: {' '.join(str(error).split())}"
        return
    if not documents:
        yield f"{name}: no object in it"
    configs = {document["metadata"]["name"] for document in documents
               if isinstance(document, dict) and document.get("kind") == "ConfigMap"}
    for number, document in enumerate(documents, 1):
        where = f"{name}: object {number}"
        if not isinstance(document, dict):
            yield f"{where}: not an object"
            continue
        for fault in object_faults(document, validators):
            yield f"{where} ({document.get('kind')}): {fault}"
        for volume in document.get("spec", {}).get("template", {}).get("spec", {}).get("volumes", []):
            if "configMap" in volume and volume["configMap"]["name"] not in configs:
                yield f"{where}: there is no ConfigMap {volume['configMap']['name']} in this file"


def main():
    """Check the files."""
    validators = {name: schema(name) for name in ("k8s.json", "device-plugin.json")}
    for name in sys.argv[1:]:
        for fault in file_faults(name, validators):
            print(fault)


if __name__ == "__main__":
    main()
