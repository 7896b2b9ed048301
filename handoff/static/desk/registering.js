// What a form of registered feedback is: its fields, what goes to the service of them, and how it is read back. Draws nothing.
import { fromInput, t } from "./text.js";

export const CHANNELS = ["hotline", "counter", "hotline_voice", "paper_form", "suggestion_box", "email", "regulator"];
export const ORAL = new Set(["hotline", "counter", "hotline_voice"]);
export const KINDS = ["complaint", "suggestion", "praise", "enquiry", "other"];
export const PRODUCTS = ["account_deposit", "debit_card", "credit_card", "loan", "wealth_fund", "mobile_app", "payment_transfer", "branch_service", "hotline", "atm_selfservice", "fees", "security_fraud", "other"];
export const ACTING = ["for_self", "proxy", "heir", "group"];
export const WRITTEN = new Set(["paper_form", "suggestion_box", "email", "regulator"]); // copied from something that lies there
export const ANSWER_BY = ["phone", "sms", "email", "app", "wechat"];
export const CONFIRMERS = ["customer", "proxy", "heir"];

export const blank = () => ({
  channel: "hotline", kind: "complaint", product: "", content: "", demand: "",
  name: "", phone: "", email: "", id_last4: "", acting: "for_self",
  occurred_at: "", occurred_place: "", product_name: "", staff_name: "", amount_yuan: "", received_at: "", urgent: false, preferred: "", source: "", files: [],
});

const told = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "" && value !== null && value !== undefined));

/** The request's body. What was left empty is not told; *readback* is the confirmation that oral feedback needs. */
export function bodyOf(form, readback) {
  const { name, phone, email, id_last4, acting, occurred_at, received_at, amount_yuan, urgent, preferred, source, files, ...plain } = form;
  return told({
    ...plain,
    customer: told({ name: name.trim(), id_last4: id_last4.trim(), acting }),
    contact: told({ phone: phone.trim(), email: email.trim(), preferred }),
    source: WRITTEN.has(form.channel) ? source.trim() : null,
    uploads: files.length ? files.map((file) => file.upload) : null,
    occurred_at: fromInput(occurred_at),
    received_at: ORAL.has(form.channel) ? null : fromInput(received_at),
    amount_yuan: amount_yuan === "" ? null : Number(amount_yuan),
    urgent: urgent || null,
    readback,
  });
}

/** What is read aloud to whoever told it, and kept as the wording that they confirmed. */
export function spoken(form) {
  const say = (key, value) => (value === "" ? [] : [t(`register.say_${key}`, { value })]);
  return [
    t("register.say_begin", { kind: t(`kinds.${form.kind}`) }),
    ...say("product", form.product && t(`products.${form.product}`)),
    ...say("content", form.content.trim()),
    ...say("demand", form.demand.trim()),
    ...say("occurred_at", form.occurred_at.replace("T", " ")),
    ...say("occurred_place", form.occurred_place.trim()),
    ...say("product_name", form.product_name.trim()),
    ...say("staff_name", form.staff_name.trim()),
    ...say("amount_yuan", form.amount_yuan),
    ...say("phone", form.phone.trim()),
    ...say("preferred", form.preferred && t(`answerBy.${form.preferred}`)),
    t("register.say_end"),
  ].join("\n");
}
