// The catalogue in force, chosen once.
import { isEnglish } from "/static/language.js";
import en from "./texts.en.js";
import zh from "./texts.zh-CN.js";

export const texts = isEnglish ? en : zh;
