"""One need, from the first tap to thanks."""

from __future__ import annotations

from tests.town import Town


async def test_the_whole_journey(either_town: Town) -> None:
    town = either_town
    lin = await town.member("林站长")
    chen = await town.volunteer("小陈")
    zhao = await town.volunteer("小赵")
    mei = town.stranger("阿芳")
    await mei.starts()
    mei.hears("我是自动程序", "119")
    await mei.taps("请人帮忙")
    mei.hears("资料")
    await mei.taps("同意，继续")
    mei.hears("怎么称呼")
    await mei.says("李阿姨")
    mei.hears("您要帮什么")
    await mei.says("灯坏了 我够不着")
    mei.hears("听起来是")
    await mei.taps("对")
    mei.hears("什么时候")
    await mei.says("明天下午三点以后")
    mei.hears("11 月 24 日", "15:00")
    await mei.taps("对")
    mei.hears("哪一片")
    await mei.taps("5–8")
    mei.hears("灯坏了")
    await mei.says("厨房吸顶灯，电话13812345678，6栋302")
    mei.hears("藏起来")
    await mei.taps("留给接单人")
    mei.hears("厨房吸顶灯")
    await mei.taps("下一步")
    mei.hears("请看一遍", "13812345678", "6栋302", "5–8")
    await mei.taps("发出求助")
    mei.hears("收到了", "YS-")

    lin.hears("厨房吸顶灯")
    assert "13812345678" not in lin.everything
    assert "6栋302" not in lin.everything
    await lin.taps("放行")
    lin.hears("放行")
    await town.settle()

    chen.hears("为什么问您")
    zhao.hears("为什么问您")
    await chen.taps("我来")
    chen.hears("15 分钟")
    await zhao.taps("我来")
    zhao.hears("另一位邻居正在看")
    await chen.taps("确认接单")
    chen.hears("接上了", "13812345678", "6栋302", "李阿姨")
    zhao.hears("另一位邻居接走")
    mei.hears("有人接了", "小陈")
    await chen.taps("出发了")
    mei.hears("出发")
    await chen.taps("说句话")
    await chen.says("我带梯子来")
    mei.hears("我带梯子来")
    await mei.taps("回一句")
    await mei.says("谢谢，门口见")
    assert "门口见" in chen.everything
    await chen.taps("办好了")
    mei.hears("办好了吗")
    for secret in ("13812345678", "6栋302"):
        assert secret not in chen.everything
    await mei.taps("办好了")
    mei.hears("结束")
    await mei.taps("说谢谢")
    chen.hears("谢谢")
    assert town.runtime is not None
