"""What there is in the city, as tables: its bodies, its places with their parts, its systems."""

from dataclasses import dataclass

from bingjian.simulate.city.people import DAOLI, DAOWAI, NANGANG

# key: name, body, division, is a public body
DAYS = 120  # of the city's past
OPERATORS = {
    "mall": ("临江步行商场管理有限公司", DAOLI, False),
    "hospital": ("河畔医院", DAOLI, True),
    "school": ("顾新小学", DAOLI, True),
    "estate": ("友谊里物业服务有限公司", DAOLI, False),
    "bus": ("北江公共交通有限公司", DAOLI, True),
    "fuel": ("新月油品经营站", DAOLI, False),
    "hotel": ("江畔宾馆", DAOLI, False),
    "station": ("南岗客运站场管理中心", NANGANG, True),
    "gym": ("科苑体育场馆中心", NANGANG, True),
    "museum": ("文博馆", NANGANG, True),
    "clinic": ("学府医院", NANGANG, True),
    "cinema": ("花园电影城", NANGANG, False),
    "bank": ("宝丰储蓄所", NANGANG, False),
    "parking": ("文博停车服务有限公司", NANGANG, False),
    "heat": ("供热一厂", NANGANG, True),
    "market": ("太古旧货市场管理处", DAOWAI, False),
    "depot": ("滨江物资储备库", DAOWAI, True),
    "middle": ("滨江中学", DAOWAI, True),
    "folk": ("民俗街区运营中心", DAOWAI, False),
}
# key: name, what it is qualified for, months until the qualification ends
FIRMS = {
    "draw": ("北岸智能设计院", ("design",), 14),
    "build": ("松石安防工程有限公司", ("construction",), 10),
    "build2": ("冰城联建科技有限公司", ("construction", "maintenance"), 1),
    "keep": ("寒江运维服务有限公司", ("maintenance",), 8),
    "road": ("龙桥市政施工有限公司", (), 0),
    "press": ("云杉传媒工作室", (), 0),
}
MODELS = {"HL-2M": "海澜视讯", "HL-8D": "海澜视讯", "YX-400": "远曦光电"}


@dataclass(frozen=True, slots=True)
class Site:
    """A place. ``parts``: "name:kind", with * a key part; those the law closes to cameras are among them."""

    name: str
    division: str
    kind: str
    categories: str = ""
    operator: str = ""
    parts: str = ""
    is_public: bool = True
    citation: str = ""


SITES = (
    Site("友谊里路口", DAOLI, "road_crossing", "urban_nodes"),
    Site("新月大街", DAOLI, "trunk_road", "urban_nodes"),
    Site("临江广场", DAOLI, "city_square", "urban_nodes", parts="广场:open_ground* 公厕:toilet"),
    Site("松江云桥", DAOLI, "large_bridge", "transport_hubs", parts="桥面:street* 桥头:street"),
    Site("临江步行商场", DAOLI, "commerce", "hospitality_commerce", "mall",
         "东门:entrance* 营业区:shop_floor* 试衣间:fitting_room 卫生间:toilet"),
    Site("河畔医院", DAOLI, "medical", "education_health_culture", "hospital",
         "大厅:lobby* 走廊:corridor 病房:hospital_ward 诊室:treatment_room"),
    Site("顾新小学", DAOLI, "education", "education_health_culture", "school",
         "校门:entrance* 操场:open_ground 教工休息室:staff_rest_room"),
    Site("临江公园", DAOLI, "park", "gathering_residential", parts="园门:entrance* 林荫道:open_ground"),
    Site("新月地下通道", DAOLI, "underpass", "transport_hubs", parts="通道:corridor*"),
    Site("友谊里小区", DAOLI, "residence", "gathering_residential", "estate",
         "大门:entrance* 车位:parking", False),
    Site("21路公交车", DAOLI, "bus", "transit_vehicles", "bus"),
    Site("新月加油站", DAOLI, "fuel_station", "energy_utilities", "fuel", "加油区:works_area*"),
    Site("沿江堤防", DAOLI, "vital_point", "flood_control", parts="堤顶路:street*"),
    Site("江畔宾馆", DAOLI, "hotel", "hospitality_commerce", "hotel",
         "大堂:lobby* 走廊:corridor 客房:hotel_room"),
    Site("学府西路口", NANGANG, "road_crossing", "urban_nodes"),
    Site("文博大道", NANGANG, "trunk_road", "urban_nodes"),
    Site("南岗客运站", NANGANG, "transit_stop", "transport_hubs", "station",
         "候车厅:waiting_area* 站台:platform* 母婴室:nursing_room"),
    Site("科苑体育馆", NANGANG, "culture_sport", "education_health_culture", "gym",
         "入口:entrance* 更衣室:changing_room 浴室:bathroom"),
    Site("文博馆", NANGANG, "exhibition", "education_health_culture", "museum", "序厅:lobby* 走廊:corridor"),
    Site("学府医院", NANGANG, "medical", "education_health_culture", "clinic",
         "候诊区:waiting_area* 诊室:treatment_room"),
    Site("花园电影城", NANGANG, "culture_sport", "hospitality_commerce", "cinema", "大堂:lobby*"),
    Site("宝丰储蓄所", NANGANG, "bank", "valuables_finance", "bank", "柜台:counter* 入口:entrance*"),
    Site("邮件处理中心", NANGANG, "post", "critical_institutions",
         parts="分拣区:works_area*", is_public=False),
    Site("学府公园", NANGANG, "park", "gathering_residential", parts="园门:entrance*"),
    Site("文博停车场", NANGANG, "public_car_park", "gathering_residential", "parking", "停车区:parking*"),
    Site("供热一厂", NANGANG, "heating_plant", "energy_utilities other_by_law", "heat",
         "厂界:perimeter*", False, "《企业事业单位内部治安保卫条例》第十三条"),
    Site("南岗政务大厅", NANGANG, "government_hall", parts="大厅:lobby 休息室:staff_rest_room"),
    Site("景阳七道口", DAOWAI, "road_crossing", "urban_nodes"),
    Site("滨江路", DAOWAI, "trunk_road", "urban_nodes"),
    Site("松浦人行天桥", DAOWAI, "footbridge", "transport_hubs", parts="桥面:street*"),
    Site("太古旧货市场", DAOWAI, "commerce", "hospitality_commerce", "market",
         "营业区:shop_floor* 出入口:entrance"),
    Site("滨江物资储备库", DAOWAI, "depot", "stockpiles_hazmat", "depot", "库界:perimeter*", False),
    Site("滨江中学", DAOWAI, "education", "education_health_culture", "middle",
         "校门:entrance* 宿舍:dormitory"),
    Site("民俗街区", DAOWAI, "scenic_area", "gathering_residential", "folk", "主街:street*"),
    Site("滨江浴场", DAOWAI, "bath_house", parts="前厅:lobby 浴区:bathroom 更衣室:changing_room"),
    Site("东郊村口", DAOWAI, "village_gateway", "urban_nodes"),
    Site("团结水库", DAOWAI, "reservoir", "flood_control", parts="坝顶:perimeter*", is_public=False),
    Site("靖宇里弄", DAOWAI, "lane", parts="巷口:street"),
    Site("长途客车0217", DAOWAI, "coach", "transit_vehicles", "bus"),
    Site("太古餐饮街", DAOWAI, "food_street", parts="街面:street 包间:private_dining 前厅评茶室:评茶室"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """A system: where, how far it has come, when it begins (days), how many cameras, and what is special."""

    site: str
    state: str
    day: int
    cameras: int
    filing: str = ""  # on_time, late, overdue, correcting
    special: str = ""  # what its life has beside the usual


SYSTEMS = (
    Plan("临江广场", "in_service", 2, 10, "on_time", "live"),
    Plan("友谊里路口", "in_service", 3, 12, "on_time", "moving"),
    Plan("松江云桥", "in_service", 4, 12, "late"),
    Plan("临江步行商场", "in_service", 5, 14, "on_time"),
    Plan("河畔医院", "in_service", 6, 12, "late"),
    Plan("文博馆", "in_service", 7, 9, "overdue"),
    Plan("学府西路口", "in_service", 8, 10, "on_time"),
    Plan("南岗客运站", "in_service", 9, 10, "correcting"),
    Plan("景阳七道口", "in_service", 10, 9, "overdue"),
    Plan("太古旧货市场", "in_service", 55, 7),
    Plan("临江公园", "in_service", 12, 8, "on_time", "inspected"),
    Plan("新月地下通道", "suspended", 13, 5, "on_time", "revoked"),
    Plan("滨江路", "suspended", 14, 6, "late"),
    Plan("松浦人行天桥", "retired", 1, 4, "on_time"),
    Plan("学府医院", "accepted", 30, 8, "", "failed_first"),
    Plan("文博大道", "accepted", 60, 7),
    Plan("滨江中学", "accepted", 65, 6),
    Plan("新月大街", "trial", 70, 7, "", "being_accepted"),
    Plan("科苑体育馆", "trial", 50, 6, "", "failed"),
    Plan("民俗街区", "trial", 75, 5),
    Plan("学府公园", "building", 80, 5),
    Plan("顾新小学", "building", 82, 5),
    Plan("东郊村口", "building", 85, 4),
    Plan("文博停车场", "approved", 90, 4),
    Plan("新月加油站", "approved", 92, 3),
    Plan("江畔宾馆", "designed", 95, 3),
    Plan("花园电影城", "designed", 98, 3),
    Plan("沿江堤防", "planned", 100, 2),
    Plan("宝丰储蓄所", "planned", 104, 2),
    Plan("靖宇里弄", "planned", 108, 2, "", "voluntary"),
)
CAMERAS = sum(plan.cameras for plan in SYSTEMS)
