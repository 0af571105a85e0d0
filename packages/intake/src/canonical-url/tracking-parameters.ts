/**
 * Parameters that say where a reader came from, and nothing of what is shown. Kept by hand, from the manuals of the senders named
 * beside them. A name that some site uses for its content (`ref`, `id`, `p`, `source`) is not here: see `campaignValues`.
 */
const exact = new Set(
  `
  fbclid fb_action_ids fb_action_types fb_ref fb_source fb_comment_id igshid igsh mibextid
  gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid srsltid _ga _gl _gac ved ei sxsrf usg
  msclkid yclid ysclid _openstat ymclid twclid ttclid tt_medium tt_content li_fat_id trk trkcampaign lipi epik rdt_cid sccid scclickid
  mc_cid mc_eid mc_tc mkt_tok ml_subscriber ml_subscriber_hash vero_id vero_conv oly_anon_id oly_enc_id _hsenc _hsmi __hssc __hstc __hsfp hsctatracking
  ck_subscriber_id sendgrid_id bsft_eid bsft_clkid bsft_uid inf_contact_key dm_i _bta_tid _bta_c wickedid wickedsource rb_clickid
  s_cid s_kwcid ef_id cmpid cmp_id icid ncid intcid int_cid ocid spm scm xtor wt_mc wt_zmc nr_email_referer mkwid pcrid sc_campaign sc_channel
  ref_src ref_url referrer_source __twitter_impression guccounter guce_referrer guce_referrer_sig soc_src soc_trk smid smtyp tblci taboola_id
  __s _branch_match_id _branch_referrer ito yptr algo_pvid aff_trace_key share_id sharetoken sharer shareuid sfmc_id sfmc_activityid
  phpsessid jsessionid aspsessionid outputtype amp_js_v usqp
  `
    .trim()
    .split(/\s+/),
)
const prefixes = [
  'utm_',
  'mtm_',
  'matomo_',
  'pk_',
  'piwik_',
  'hsa_',
  'at_campaign',
  'at_medium',
  'at_custom',
  'at_link',
  'ns_',
  'fb_action_',
  'amp_gsa',
  'campaign_',
  'trk_',
  'itm_',
  'vgo_',
  'elq',
  'stm_',
]

/** Names that may mean anything, and the values by which they mean a campaign. */
const ambiguous = new Set([
  'ref',
  'source',
  'src',
  'srcref',
  'from',
  'via',
  'partner',
  'cid',
  'cmp',
  'feed',
  'feature',
  'share',
  'amp',
])
const campaignValues =
  /^(?:rss|rss2?feed|feeds?|feedburner|atom|newsletter|email|mail|twitter|twtr|tw|facebook|fb|linkedin|reddit|hn|hackernews|instagram|telegram|whatsapp|social|share|youtu\.be|emb_logo|amp|rss-.*|socialshare|sharebutton)$/i

export function isTracking(name: string, value: string): boolean {
  const lower = name.toLowerCase()
  if (exact.has(lower) || prefixes.some((prefix) => lower.startsWith(prefix))) return true
  if (lower === 'amp') return value === '' || value === '1' || value === 'true'
  return ambiguous.has(lower) && campaignValues.test(value)
}
