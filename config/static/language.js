// Which language a page of its own speaks: ?locale= says so. The service is asked to answer in the same one.
export const isEnglish = /^en\b/i.test(new URLSearchParams(location.search).get("locale") ?? "");

export const inLanguage = { "Accept-Language": isEnglish ? "en" : "zh-CN" };

// The address of this page in the other language.
export function otherLanguage() {
  const url = new URL(location.href);
  if (isEnglish) url.searchParams.delete("locale");
  else url.searchParams.set("locale", "en");
  return url.href;
}
