// The page's own words in English and Russian, and numbers and times as a reader of that language writes them.

const EN = {
  chats: "Chats", switchLanguage: "Language of this person's Telegram", switchTheme: "Light, dark or as the system",
  panel: "The world: faults and providers", whoYouAre: "Who you are", back: "Back to the chats", messages: "Messages",
  toBottom: "To the newest messages", commands: "Commands", message: "Message", send: "Send", start: "START",
  readOnly: "Only administrators write in this channel.", pick: "Choose a chat to begin", ok: "OK", close: "Close",
  picture: "Picture", openPicture: "Open the picture", trader: "trader", admin: "admin", bot: "bot",
  group: "group", supergroup: "supergroup", upgrade: "Upgrade to a supergroup: its id changes", channel: "channel",
  edited: "edited", today: "Today", yesterday: "Yesterday", you: "You",
  sent: "sent", unreadLine: "Unread messages", toWriting: "To the message box", via: "via @{name}", live: "live",
  blocked: "blocked", copied: "Copied", notCopied: "The browser did not let this be copied", tapToCopy: "Click to copy",
  hidden: "Hidden text: click to show", more: "Show all or less", photo: "Photo", nothing: "No messages yet",
  nothingYet: "No messages here yet", silently: "sent silently", alsoAs: "Private chat · {name}",
  online: "Live · everything here is pretended", offline: "The sandbox is away; trying again…",
  noCommand: "No such command", noResult: "Nothing found", searching: "Asking the bot…",
  added: "{who} added {names}", joined: "{who} joined", removed: "{who} removed {names}", left: "{who} left",
  movedGroup: "This group was upgraded to a supergroup", topic: "A topic was made",
  topicClosed: "A topic was closed", topicReopened: "A topic was opened again", linkRefused: "This address is not opened",
  refused: "The sandbox did not take this", tooLong: "This is longer than Telegram takes",
  messageGone: "This message is gone", buttonGone: "This button is gone, or the bot does not hear of it",
  noAnswer: "The bot does not answer", offerGone: "This offer is gone: ask again", noToken: "This world has no such token",
  healthTitle: "The program", marketTitle: "Market", faultsTitle: "Break something", askedTitle: "What was asked",
  migrate: "Migrate a token now", migrated: "{name} migrates now", pump: "Pump", rug: "Rug", revive: "Revive",
  token: "Token",
  noTokens: "No token is followed yet", pumped: "{name}: everybody buys", rugged: "{name}: the liquidity goes",
  revived: "{name}: a second wave begins",
  feed: "Silence the feed", feedMore: "PumpPortal drops the line and says nothing more",
  credits: "Exhaust the CU",
  creditsMore: "Birdeye has no units left; health shows it after two minutes; mended, the bot asks again 3 hours of its time later",
  creditsUndone: "Birdeye has units again; the bot asks 3 hours of its time later (with --speed 60: three minutes)",
  telegram: "Telegram answers 429",
  telegramMore: "every message of the bot is one too many; answers that wait too long are given up",
  database: "Cut the database", databaseMore: "nobody gets through to PostgreSQL", moreFaults: "More faults",
  program: "Kill the program", programMore: "as kill -9 does; mended, it starts again, and /status tells of the gap",
  killed: "Killed by the switch below; turn that off to start it again",
  ban: "PumpPortal bans us", banMore: "403 for an hour; mended, the bot dials again after its pause",
  key: "Birdeye refuses the key", keyMore: "401 to every call; health shows it after two minutes; mended, the bot asks again within 10 minutes of its time",
  site: "A web page for a feed", siteMore: "PumpPortal's address answers with its documentation",
  rates: "Birdeye takes one call a second", ratesMore: "and answers 429 to the others",
  glances: "DexScreener is down", glancesMore: "502 and a web page instead of JSON",
  slow: "Slow markets", slowMore: "Birdeye and DexScreener take 0.5 to 4 seconds",
  lag: "Birdeye lists late", lagMore: "it does not know a token for two minutes after its migration",
  lost: "Lose Telegram's answers", lostMore: "half of the messages arrive, but the bot is not told",
  poller: "A second poller", pollerMore: "somebody else uses the bot's token: 409",
  mute: "Telegram says nothing", muteMore: "it takes every call in and answers none",
  revoked: "Revoke the bot's token", revokedMore: "401 to every call, as after a new token at @BotFather; mended, the bot asks again within 5 minutes",
  block: "You block the bot", blockMore: "403; let in again, it waits for your /subscribe",
  perMinute: "{n}/min", creditsUsed: "{n} CU used", ofMonth: "of {n} this month", unlimited: "no limit this month",
  notAsked: "Not asked yet", requests: "Latest requests", cu: "{n} CU", unheard: "unheard",
  ok_: "ok", starting: "starting", failing: "failing", idle: "idle", degraded: "degraded", standby: "standby",
  away: "away", healthAge: "last heard of {age} ago",
  nothingWrong: "Nothing is wrong", awayMore: "The program does not tell how it is",
  secondsShort: "{n} s", minutesShort: "{n} min", hoursShort: "{n} h", newMessages: "{n} new",
};

const RU = {
  chats: "Чаты", switchLanguage: "Язык Telegram этого человека", switchTheme: "Светлая, тёмная или как в системе",
  panel: "Мир вокруг: сбои и провайдеры", whoYouAre: "Кто вы", back: "К списку чатов", messages: "Сообщения",
  toBottom: "К новым сообщениям", commands: "Команды", message: "Сообщение", send: "Отправить", start: "СТАРТ",
  readOnly: "В этом канале пишут только администраторы.", pick: "Выберите чат, чтобы начать", ok: "Понятно",
  close: "Закрыть", picture: "Картинка", openPicture: "Открыть картинку", trader: "трейдер", admin: "админ",
  bot: "бот", group: "группа", supergroup: "супергруппа",
  upgrade: "Преобразовать в супергруппу: id сменится", channel: "канал",
  edited: "изменено", today: "Сегодня", yesterday: "Вчера", you: "Вы",
  sent: "отправлено", unreadLine: "Непрочитанные сообщения", toWriting: "К полю ввода", via: "через @{name}",
  live: "на связи",
  blocked: "заблокирован", copied: "Скопировано", notCopied: "Браузер не дал это скопировать",
  tapToCopy: "Нажмите, чтобы скопировать",
  hidden: "Скрытый текст: нажмите, чтобы показать", more: "Показать всё или свернуть", photo: "Фото",
  nothing: "Сообщений пока нет", nothingYet: "Здесь пока нет сообщений", silently: "без звука",
  alsoAs: "Личный чат · {name}", online: "На связи · всё здесь понарошку",
  offline: "Песочница не отвечает; пробуем ещё…",
  noCommand: "Такой команды нет", noResult: "Ничего не нашлось", searching: "Спрашиваем бота…",
  added: "{who} добавляет: {names}", joined: "{who} теперь в группе", removed: "{who} исключает: {names}",
  left: "{who} покидает группу", movedGroup: "Группа преобразована в супергруппу", topic: "Создана тема",
  topicClosed: "Тема закрыта", topicReopened: "Тема снова открыта", linkRefused: "Этот адрес не открывается",
  refused: "Песочница это не приняла", tooLong: "Это длиннее, чем принимает Telegram",
  messageGone: "Этого сообщения уже нет", buttonGone: "Этой кнопки уже нет, или бот о её нажатии не узнает",
  noAnswer: "Бот не отвечает", offerGone: "Предложение устарело: спросите ещё раз", noToken: "Такого токена в этом мире нет",
  healthTitle: "Программа", marketTitle: "Рынок",
  faultsTitle: "Сломать что-нибудь", askedTitle: "Что спрашивали", migrate: "Миграция токена сейчас",
  migrated: "{name} мигрирует", pump: "Памп", rug: "Раг", revive: "Оживить", token: "Токен",
  noTokens: "Ни за одним токеном пока не следят",
  pumped: "{name}: все покупают", rugged: "{name}: ликвидность уходит",
  revived: "{name}: начинается вторая волна",
  feed: "Заглушить ленту", feedMore: "PumpPortal рвёт связь и больше ничего не говорит",
  credits: "Исчерпать CU",
  creditsMore: "у Birdeye кончились единицы; в состоянии видно через две минуты; после починки бот спросит снова через 3 часа по своим часам",
  creditsUndone: "Единицы Birdeye снова есть; бот спросит через 3 часа по своим часам (с --speed 60 – через три минуты)",
  telegram: "Telegram отвечает 429",
  telegramMore: "не проходит ни одно сообщение бота; ответы, которые ждут слишком долго, пропадают",
  database: "Отрезать базу данных", databaseMore: "до PostgreSQL не достучаться", moreFaults: "Другие сбои",
  program: "Убить программу",
  programMore: "как kill -9; после починки она запустится снова, а перерыв будет виден в /status",
  killed: "Убита переключателем ниже; выключите его, и она запустится снова",
  ban: "Бан от PumpPortal", banMore: "403 на час; после починки бот выждет паузу и подключится сам",
  key: "Birdeye не принимает ключ", keyMore: "401 на каждый запрос; в состоянии видно через две минуты; после починки бот спросит снова в течение 10 минут по своим часам",
  site: "Страница вместо ленты", siteMore: "адрес PumpPortal отвечает своей документацией",
  rates: "Birdeye: один запрос в секунду", ratesMore: "на остальные отвечает 429",
  glances: "DexScreener лежит", glancesMore: "502 и веб-страница вместо JSON",
  slow: "Медленный рынок", slowMore: "Birdeye и DexScreener думают от 0,5 до 4 секунд",
  lag: "Birdeye узнаёт поздно", lagMore: "после миграции токена он две минуты ничего о нём не знает",
  lost: "Терять ответы Telegram", lostMore: "половина сообщений доходит, но бот об этом не знает",
  poller: "Второй бот на том же токене", pollerMore: "кто-то ещё забирает обновления: 409",
  mute: "Telegram молчит", muteMore: "принимает каждый вызов и ни на один не отвечает",
  revoked: "Отозвать токен бота", revokedMore: "401 на каждый вызов, как после нового токена у @BotFather; после починки бот спросит снова в течение 5 минут",
  block: "Вы блокируете бота", blockMore: "403; после разблокировки он ждёт вашего /subscribe",
  perMinute: "{n}/мин", creditsUsed: "Потрачено {n} CU", ofMonth: "из {n} в месяц", unlimited: "без месячного предела",
  notAsked: "Ещё не спрашивали", requests: "Последние запросы", cu: "{n} CU", unheard: "не доставлено",
  ok_: "в порядке", starting: "запускается", failing: "сбой", idle: "без дела", degraded: "с перебоями",
  standby: "в запасе", away: "не отвечает", healthAge: "последний отклик {age} назад",
  nothingWrong: "Всё работает", awayMore: "Программа не сообщает о своём состоянии",
  secondsShort: "{n} с", minutesShort: "{n} мин", hoursShort: "{n} ч",
  newMessages: "новых: {n}",
};

const CATALOGS = { en: EN, ru: RU };
const formats = new Map();
const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
let language = "en";

export function speak(code) {
  language = Object.hasOwn(CATALOGS, code) ? code : "en";
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = word(node.dataset.word);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", word(node.dataset.label));
    if (node.tagName === "BUTTON") node.title = word(node.dataset.label);
  }
  for (const node of document.querySelectorAll("[data-hint]")) node.placeholder = word(node.dataset.hint);
}

export function word(name, facts = {}) {
  const pattern = CATALOGS[language][name] ?? EN[name] ?? name;
  return pattern.replace(/\{(\w+)\}/g, (_, key) => String(facts[key] ?? ""));
}

// Why the sandbox refused an order, where it has told one of the words above.
export function refusal(told) {
  return word(Object.hasOwn(EN, told) ? told : "refused");
}

// A person's name, which must not turn the words after it around. The trader is called You, a word of this language.
export function called(name) {
  return name === EN.you ? word("you") : name.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "");
}

// The browser's formatter, made once: making one takes longer than using it.
function made(kind, options) {
  const key = `${language} ${kind.name} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new kind(language, options));
  return formats.get(key);
}

export function number(value) {
  return made(Intl.NumberFormat, {}).format(value);
}

export function time(at) {
  return made(Intl.DateTimeFormat, CLOCK).format(at * 1000);
}

// How long ago something was, in its largest unit.
export function ago(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return word("secondsShort", { n: whole });
  if (whole < 3600) return word("minutesShort", { n: Math.floor(whole / 60) });
  return word("hoursShort", { n: Math.floor(whole / 3600) });
}

// The day in words, for the line above its messages.
export function day(at) {
  const date = new Date(at * 1000);
  const today = new Date();
  const days = Math.round((new Date(today).setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86400000);
  if (days === 0) return word("today");
  return days === 1 ? word("yesterday") : made(Intl.DateTimeFormat, { day: "numeric", month: "long" }).format(date);
}

// A moment in one of Telegram's formats; null where the bot's own words stay.
export function clock(date, format) {
  const times = { t: CLOCK, T: { ...CLOCK, second: "2-digit" } };
  const dates = { d: { dateStyle: "short" }, D: { dateStyle: "long" }, w: { weekday: "short" }, W: { weekday: "long" } };
  const letters = [...format];
  if (!letters.length || !letters.every((letter) => letter in times || letter in dates)) return null;
  return letters.map((letter) => made(Intl.DateTimeFormat, times[letter] ?? dates[letter]).format(date)).join(" ");
}
