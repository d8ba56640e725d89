"""Names in the order people look for them: letters of either case together, accents aside, Chinese by its reading.

GB 18030 has the 3,755 commonest characters in the order of their readings, which PostgreSQL knows how to write without
any collation of the operating system; common names written with a rarer character stand where one read alike does.
A character has one place, also where it may be read in two ways (重庆 stands with 中).
"""

from __future__ import annotations

from django.db.models import BinaryField, Func

RARE = (
    "闫覃滕缪褚窦岑晏瞿佟臧闵邬栾佘邝胥鄢谌奚冼蔺仝郜阚扈晁芮阙邸裘亓邰逯嵇於昝邴濮澹闾婷琪怡妍鑫昊煜钰睿雯晗梓昕玥倩曦璐瑾瑜璇薇芸媛嫣婕"
    "皓炜烨焱骐麒霆泓淇琛珂珩琦琨晟昱晔晖楠榕桦骞铠麟馨妤姗姣娅婧嫚嬅嵘岚崧恺懿斐暄曜槿沐淼滢潇灏炫煊珺琰琬瑄璟璞皎祎祺稷筠筱绮翎芊芷苒茗茜荟萱"
    "蓓薰钊铮韬飒馥骁骅黛"
)  # fmt: skip
ALIKE = (
    "严秦藤妙楚斗测咽渠桐赃抿巫峦蛇矿虚焉沈昔显赁桐告砍护朝瑞缺抵球其苔陆击巫攒柄葡谈驴亭其颐盐薪耗玉玉瑞文邯紫薪越欠昔陆紧于悬威云元焉截"
    "耗伟页咽其其亭红其郴科衡其坤城玉页灰南荣画牵凯林薪于珊蕉亚静慢画荣蓝松凯艺匪宣药紧木秒营萧耗眩宣峻掩碗宣井葡搅一其迹云晓起铃牵址染明欠慧宣"
    "辈勋招争掏萨富萧华带"
)  # fmt: skip
ACCENTED, PLAIN = (
    "àáâãäåçèéêëìíîïñòóôõöøùúûüýÿāăąćčďđēėęěğīįıłńňőœřśšşţťūůűźżžß",
    "aaaaaaceeeeiiiinoooooouuuuyyaaaccddeeeegiiilnnoorsssttuuuzzzs",
)
_SAME = str.maketrans(RARE + ACCENTED, ALIKE + PLAIN)

CREATE = f"""
CREATE FUNCTION name_order(name text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF octet_length(name) = length(name) THEN
        RETURN convert_to(lower(name), 'GB18030');
    END IF;
    name := lower(name);
    IF name ~ '[{RARE}{ACCENTED}]' THEN  -- which few have, and to look for them takes a tenth of the time of taking them out
        name := translate(name, '{RARE}{ACCENTED}', '{ALIKE}{PLAIN}');
    END IF;
    RETURN convert_to(name, 'GB18030');
END
$$
"""
"""The function that indexes stand on: who changes what it gives, makes it and them anew in a migration."""


def in_order(name: str) -> bytes:
    """By what a name is sorted; as `name_order` in the database."""
    return name.lower().translate(_SAME).encode("gb18030", "replace")


class InOrder(Func):
    """By what a text column is sorted, in a query or an index."""

    function = "name_order"
    output_field = BinaryField()
