BEGIN TRANSACTION;
CREATE TABLE answers (
	id INTEGER NOT NULL, 
	item_key VARCHAR NOT NULL, 
	project_id INTEGER NOT NULL, 
	detector_task VARCHAR NOT NULL, 
	annotation VARCHAR NOT NULL, 
	annotation_updated_at VARCHAR NOT NULL, 
	reviewer VARCHAR NOT NULL, 
	recorded_at VARCHAR NOT NULL, 
	lead_time_s FLOAT, 
	outcome VARCHAR NOT NULL, 
	shown JSON NOT NULL, 
	called JSON NOT NULL, 
	suggested JSON, 
	withdrawn_at VARCHAR, 
	PRIMARY KEY (id)
);
INSERT INTO "answers" VALUES(1,'1-343120211ea0f74f20ab',3,'rotation','1-343120211ea0f74f20ab/2','2026-11-30T21:52:20.617563Z','user 1','2026-11-30T21:52:23.209917+00:00',60.0,'counted','["8c2c805d204f01a0f81e", "f0d090ab3ac081099fa1"]','{"8c2c805d204f01a0f81e": "not turned_180", "f0d090ab3ac081099fa1": "turned_180"}','null',NULL);
INSERT INTO "answers" VALUES(2,'1-fbb0df65c38cd3f27d7f',3,'rotation','1-fbb0df65c38cd3f27d7f/3','2026-11-30T21:52:21.159354Z','user 1','2026-11-30T21:52:23.233878+00:00',60.0,'counted','["08c448c06f7bc8c80091"]','{"08c448c06f7bc8c80091": "not turned_270"}','null',NULL);
INSERT INTO "answers" VALUES(3,'1-157935cde424e07b4c13',3,'rotation','1-157935cde424e07b4c13/1','2026-11-30T21:52:20.141610Z','user 1','2026-11-30T21:52:23.253515+00:00',60.0,'counted','["620f406a84f85c0a4a9b", "d6816a4174a727d017be"]','{"620f406a84f85c0a4a9b": "not turned_90", "d6816a4174a727d017be": "turned_90"}','null','2026-11-30T21:52:26.662394+00:00');
INSERT INTO "answers" VALUES(4,'1-2badb107df97ec1ab3b9',3,'rotation','1-2badb107df97ec1ab3b9/4','2026-11-30T21:52:21.573307Z','user 1','2026-11-30T21:52:23.270387+00:00',60.0,'counted','["1c988411435c980bea28", "215b8687a9fbe441ba05", "4691b6cf69ae33f3c17f", "88a669a06548cdbb2d81"]','{"1c988411435c980bea28": "not upright", "215b8687a9fbe441ba05": "upright", "4691b6cf69ae33f3c17f": "upright", "88a669a06548cdbb2d81": "upright"}','null',NULL);
INSERT INTO "answers" VALUES(5,'1-157935cde424e07b4c13',3,'rotation','1-157935cde424e07b4c13/5','2026-11-30T21:52:27.140746Z','user 1','2026-11-30T21:52:28.921005+00:00',60.0,'counted','["620f406a84f85c0a4a9b", "d6816a4174a727d017be"]','{"620f406a84f85c0a4a9b": "turned_90", "d6816a4174a727d017be": "turned_90"}','null',NULL);
INSERT INTO "answers" VALUES(6,'3-da56b365a64d99e7ebe0',3,'rotation','3-da56b365a64d99e7ebe0/12','2026-11-30T21:52:37.033239Z','user 1','2026-11-30T21:52:39.251648+00:00',60.0,'counted','["12e7d863d5c6dd70ff4a", "1e548519923dd0100fe7", "41bce2e9b09b2b01fd7a", "57a87edfbb3df16801be", "6e19ce1ca2097c411aec", "7aa364456aaedf9d133e"]','{"12e7d863d5c6dd70ff4a": "not upright", "1e548519923dd0100fe7": "upright", "41bce2e9b09b2b01fd7a": "upright", "57a87edfbb3df16801be": "upright", "6e19ce1ca2097c411aec": "upright", "7aa364456aaedf9d133e": "upright"}','null',NULL);
INSERT INTO "answers" VALUES(7,'3-042062203c20eb6bdd80',3,'rotation','3-042062203c20eb6bdd80/13','2026-11-30T21:52:37.472818Z','user 1','2026-11-30T21:52:39.264461+00:00',60.0,'counted','["8b99e7dad2c6bbe9b7e0", "c2ea4655f0601630f8f5", "d48f059b9e35190cceeb", "e952451b6d48738626a6"]','{"8b99e7dad2c6bbe9b7e0": "not upright", "c2ea4655f0601630f8f5": "upright", "d48f059b9e35190cceeb": "upright", "e952451b6d48738626a6": "upright"}','null',NULL);
INSERT INTO "answers" VALUES(8,'2-80dba5cfe6dd8ab0687a',4,'rotation','2-80dba5cfe6dd8ab0687a/11','2026-11-30T21:52:36.506274Z','user 1','2026-11-30T21:52:39.914750+00:00',60.0,'counted','["f0d090ab3ac081099fa1"]','{"f0d090ab3ac081099fa1": "turned_90"}','null',NULL);
INSERT INTO "answers" VALUES(9,'2-b5fb9a6cdc9e63fdb555',4,'rotation','2-b5fb9a6cdc9e63fdb555/6','2026-11-30T21:52:33.979299Z','user 1','2026-11-30T21:52:39.917984+00:00',60.0,'counted','["8c2c805d204f01a0f81e"]','{"8c2c805d204f01a0f81e": "turned_90"}','null','2026-11-30T21:52:42.847467+00:00');
INSERT INTO "answers" VALUES(10,'2-831574f5c932f4db8dcc',4,'rotation','2-831574f5c932f4db8dcc/7','2026-11-30T21:52:34.495457Z','user 1','2026-11-30T21:52:39.944126+00:00',60.0,'counted','["08c448c06f7bc8c80091"]','{"08c448c06f7bc8c80091": "turned_90"}','null',NULL);
INSERT INTO "answers" VALUES(11,'2-c48c1976da8331a5bc7b',4,'rotation','2-c48c1976da8331a5bc7b/8','2026-11-30T21:52:35.035949Z','user 1','2026-11-30T21:52:39.971413+00:00',60.0,'counted','["620f406a84f85c0a4a9b"]','{"620f406a84f85c0a4a9b": "turned_90"}','null',NULL);
INSERT INTO "answers" VALUES(12,'2-ac655807d9a55361a5bd',4,'rotation','2-ac655807d9a55361a5bd/9','2026-11-30T21:52:35.456399Z','user 1','2026-11-30T21:52:39.978202+00:00',60.0,'counted','["d6816a4174a727d017be"]','{"d6816a4174a727d017be": "turned_90"}','null',NULL);
INSERT INTO "answers" VALUES(13,'2-425a286f395cf2972099',4,'rotation','2-425a286f395cf2972099/10','2026-11-30T21:52:35.979475Z','user 1','2026-11-30T21:52:40.000294+00:00',60.0,'counted','["1c988411435c980bea28"]','{"1c988411435c980bea28": "turned_90"}','null',NULL);
INSERT INTO "answers" VALUES(14,'2-b5fb9a6cdc9e63fdb555',4,'rotation','2-b5fb9a6cdc9e63fdb555/14','2026-11-30T21:52:42.993170Z','user 1','2026-11-30T21:52:45.496415+00:00',60.0,'counted','["8c2c805d204f01a0f81e"]','{"8c2c805d204f01a0f81e": "turned_90"}','null',NULL);
CREATE TABLE batches (
	batch_id INTEGER NOT NULL, 
	detector_task VARCHAR NOT NULL, 
	model_version VARCHAR NOT NULL, 
	seed BIGINT NOT NULL, 
	created_at VARCHAR NOT NULL, 
	films INTEGER, 
	drawn_from INTEGER, 
	set_aside JSON, 
	gone JSON, 
	PRIMARY KEY (batch_id)
);
INSERT INTO "batches" VALUES(1,'rotation','tiny-bf88c1efe17c',148630012097397,'2026-11-30T21:52:18.717873+00:00',24,17,'[]','[]');
INSERT INTO "batches" VALUES(2,'rotation','tiny-bf88c1efe17c',0,'2026-11-30T21:52:30.461867+00:00',NULL,NULL,'[]',NULL);
INSERT INTO "batches" VALUES(3,'rotation','tiny-bf88c1efe17c',72662580817815,'2026-11-30T21:52:31.272059+00:00',24,8,'[]','[]');
INSERT INTO "batches" VALUES(4,'rotation','tiny-bf88c1efe17c',0,'2026-11-30T21:52:47.029608+00:00',NULL,NULL,'[]',NULL);
INSERT INTO "batches" VALUES(5,'rotation','tiny-bf88c1efe17c',204992873888187,'2026-11-30T21:52:48.920434+00:00',24,2,'[]','[]');
CREATE TABLE boxes (
	id INTEGER NOT NULL, 
	label_id INTEGER NOT NULL, 
	label VARCHAR NOT NULL, 
	"left" FLOAT NOT NULL, 
	top FLOAT NOT NULL, 
	width FLOAT NOT NULL, 
	height FLOAT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(label_id) REFERENCES labels (id)
);
INSERT INTO "boxes" VALUES(1,28,'left_hip',0.1,0.2,0.3,0.25);
CREATE TABLE files (
	path VARCHAR NOT NULL, 
	radiograph_id VARCHAR, 
	size_bytes BIGINT NOT NULL, 
	modified_ns BIGINT NOT NULL, 
	problem VARCHAR, 
	indexed_at VARCHAR NOT NULL, 
	PRIMARY KEY (path), 
	FOREIGN KEY(radiograph_id) REFERENCES radiographs (radiograph_id)
);
INSERT INTO "files" VALUES('/phantoms/phantom_0001.png','e952451b6d48738626a6',50275,1796075255156491636,NULL,'2026-11-30T21:47:36.196181+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0002.png','88a669a06548cdbb2d81',43718,1796075255182365310,NULL,'2026-11-30T21:47:36.217644+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0003.png','57a87edfbb3df16801be',43786,1796075255209881302,NULL,'2026-11-30T21:47:36.232271+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0004.png','08c448c06f7bc8c80091',47624,1796075255244339520,NULL,'2026-11-30T21:47:36.240529+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0005.png','f0d090ab3ac081099fa1',52322,1796075255271698880,NULL,'2026-11-30T21:47:36.252212+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0006.png','e5ccd76f3e5218f38092',41233,1796075255293813704,NULL,'2026-11-30T21:47:36.267897+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0007.png','d6816a4174a727d017be',47772,1796075255318219106,NULL,'2026-11-30T21:47:36.276079+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0008.png','8c2c805d204f01a0f81e',37770,1796075255341589024,NULL,'2026-11-30T21:47:36.288113+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0009.png','215b8687a9fbe441ba05',42027,1796075255376818032,NULL,'2026-11-30T21:47:36.295854+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0010.png','7aa364456aaedf9d133e',41298,1796075255407208513,NULL,'2026-11-30T21:47:36.316048+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0011.png','8b99e7dad2c6bbe9b7e0',45171,1796075255435533676,NULL,'2026-11-30T21:47:36.317639+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0012.png','41bce2e9b09b2b01fd7a',50599,1796075255458087049,NULL,'2026-11-30T21:47:36.331324+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0013.png','d48f059b9e35190cceeb',39506,1796075255488755209,NULL,'2026-11-30T21:47:36.343993+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0014.png','1c988411435c980bea28',38661,1796075255514298125,NULL,'2026-11-30T21:47:36.352086+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0015.png','01231811163ed686bbd2',42569,1796075255547370475,NULL,'2026-11-30T21:47:36.364321+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0016.png','4691b6cf69ae33f3c17f',44404,1796075255564608963,NULL,'2026-11-30T21:47:36.380238+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0017.png','6e19ce1ca2097c411aec',44985,1796075255590122884,NULL,'2026-11-30T21:47:36.389081+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0018.png','6e4a80c632366ab74717',40562,1796075255621450906,NULL,'2026-11-30T21:47:36.404229+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0019.png','adbbb71825d8a5862048',45176,1796075255649697933,NULL,'2026-11-30T21:47:36.416200+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0020.png','1e548519923dd0100fe7',41723,1796075255675929927,NULL,'2026-11-30T21:47:36.418159+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0021.png','ff49d5d0e79c1a78928d',47807,1796075255697909759,NULL,'2026-11-30T21:47:36.428473+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0022.png','e4143afc159741c3fc74',43400,1796075255722221907,NULL,'2026-11-30T21:47:36.430122+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0023.png','620f406a84f85c0a4a9b',46208,1796075255757202360,NULL,'2026-11-30T21:47:36.436100+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0024.png','c2ea4655f0601630f8f5',39136,1796075255782321977,NULL,'2026-11-30T21:47:36.437388+00:00');
CREATE TABLE items (
	item_key VARCHAR NOT NULL, 
	project_id INTEGER NOT NULL, 
	item_id INTEGER, 
	batch_id INTEGER NOT NULL, 
	detector_task VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	shown_label VARCHAR NOT NULL, 
	radiograph_ids JSON NOT NULL, 
	pushed_at VARCHAR, 
	closed_at VARCHAR, 
	purpose VARCHAR, 
	shard INTEGER, 
	checks JSON, 
	superseded_at VARCHAR, 
	covered JSON, 
	PRIMARY KEY (item_key, project_id)
);
INSERT INTO "items" VALUES('1-157935cde424e07b4c13',3,3,1,'rotation',0,'sheet','turned_90','["620f406a84f85c0a4a9b", "d6816a4174a727d017be"]','2026-11-30T21:52:19.339787+00:00','2026-11-30T21:52:29.184975+00:00','',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('1-343120211ea0f74f20ab',3,1,1,'rotation',1,'sheet','turned_180','["8c2c805d204f01a0f81e", "f0d090ab3ac081099fa1"]','2026-11-30T21:52:19.341343+00:00','2026-11-30T21:52:23.496325+00:00','',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('1-fbb0df65c38cd3f27d7f',3,2,1,'rotation',2,'sheet','turned_270','["08c448c06f7bc8c80091"]','2026-11-30T21:52:19.341858+00:00','2026-11-30T21:52:23.496838+00:00','',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('1-2badb107df97ec1ab3b9',3,4,1,'rotation',3,'sheet','upright','["1c988411435c980bea28", "215b8687a9fbe441ba05", "4691b6cf69ae33f3c17f", "88a669a06548cdbb2d81"]','2026-11-30T21:52:19.342420+00:00','2026-11-30T21:52:23.497237+00:00','',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('2-b5fb9a6cdc9e63fdb555',4,6,2,'rotation',0,'single','','["8c2c805d204f01a0f81e"]','2026-11-30T21:52:31.093685+00:00','2026-11-30T21:52:45.749081+00:00','second',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('2-831574f5c932f4db8dcc',4,7,2,'rotation',1,'single','','["08c448c06f7bc8c80091"]','2026-11-30T21:52:31.098554+00:00','2026-11-30T21:52:40.269896+00:00','second',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('2-c48c1976da8331a5bc7b',4,8,2,'rotation',2,'single','','["620f406a84f85c0a4a9b"]','2026-11-30T21:52:31.099225+00:00','2026-11-30T21:52:40.270202+00:00','second',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('2-ac655807d9a55361a5bd',4,9,2,'rotation',3,'single','','["d6816a4174a727d017be"]','2026-11-30T21:52:31.099677+00:00','2026-11-30T21:52:40.270670+00:00','second',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('2-425a286f395cf2972099',4,10,2,'rotation',4,'single','','["1c988411435c980bea28"]','2026-11-30T21:52:31.100054+00:00','2026-11-30T21:52:40.270984+00:00','second',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('2-80dba5cfe6dd8ab0687a',4,5,2,'rotation',5,'single','','["f0d090ab3ac081099fa1"]','2026-11-30T21:52:31.100386+00:00','2026-11-30T21:52:40.271275+00:00','second',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('3-da56b365a64d99e7ebe0',3,11,3,'rotation',0,'sheet','upright','["1e548519923dd0100fe7", "41bce2e9b09b2b01fd7a", "57a87edfbb3df16801be", "6e19ce1ca2097c411aec", "7aa364456aaedf9d133e"]','2026-11-30T21:52:32.084133+00:00','2026-11-30T21:52:39.487505+00:00','',NULL,'{"12e7d863d5c6dd70ff4a": {"radiograph_id": "4691b6cf69ae33f3c17f", "truth": "upright", "ticked": true, "made": false}}',NULL,NULL);
INSERT INTO "items" VALUES('3-042062203c20eb6bdd80',3,12,3,'rotation',1,'sheet','upright','["8b99e7dad2c6bbe9b7e0", "c2ea4655f0601630f8f5", "d48f059b9e35190cceeb", "e952451b6d48738626a6"]','2026-11-30T21:52:32.085250+00:00','2026-11-30T21:52:39.488348+00:00','',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('4-831574f5c932f4db8dcc',4,14,4,'rotation',0,'single','','["08c448c06f7bc8c80091"]','2026-11-30T21:52:47.752326+00:00',NULL,'second',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('4-b5fb9a6cdc9e63fdb555',4,13,4,'rotation',1,'single','','["8c2c805d204f01a0f81e"]','2026-11-30T21:52:47.753484+00:00',NULL,'second',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('4-37dffbd92807f2f044fd',4,15,4,'rotation',2,'single','','["8b99e7dad2c6bbe9b7e0"]','2026-11-30T21:52:47.754042+00:00',NULL,'second',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('5-841180b00415c1bad612',3,16,5,'rotation',0,'sheet','upright','["01231811163ed686bbd2", "6e4a80c632366ab74717", "adbbb71825d8a5862048", "e4143afc159741c3fc74", "e5ccd76f3e5218f38092"]','2026-11-30T21:52:49.600325+00:00',NULL,'',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('5-ec5dfbed72d9f767f382',3,17,5,'rotation',1,'sheet','upright','["ff49d5d0e79c1a78928d"]','2026-11-30T21:52:49.601508+00:00',NULL,'',NULL,'{}',NULL,NULL);
CREATE TABLE labels (
	id INTEGER NOT NULL, 
	radiograph_id VARCHAR NOT NULL, 
	detector_task VARCHAR NOT NULL, 
	label VARCHAR NOT NULL, 
	denied BOOLEAN NOT NULL, 
	source VARCHAR NOT NULL, 
	reviewer VARCHAR NOT NULL, 
	answered_at VARCHAR NOT NULL, 
	recorded_at VARCHAR NOT NULL, 
	annotation VARCHAR, 
	annotation_updated_at VARCHAR, 
	withdrawn_at VARCHAR, 
	confidence FLOAT, 
	evidence VARCHAR, 
	PRIMARY KEY (id), 
	FOREIGN KEY(radiograph_id) REFERENCES radiographs (radiograph_id)
);
INSERT INTO "labels" VALUES(1,'8c2c805d204f01a0f81e','rotation','turned_180',1,'REVIEWER','user 1','2026-11-30T21:52:20.617563Z','2026-11-30T21:52:23.196154+00:00','1-343120211ea0f74f20ab/2','2026-11-30T21:52:20.617563Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(2,'f0d090ab3ac081099fa1','rotation','turned_180',0,'REVIEWER','user 1','2026-11-30T21:52:20.617563Z','2026-11-30T21:52:23.196154+00:00','1-343120211ea0f74f20ab/2','2026-11-30T21:52:20.617563Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(3,'08c448c06f7bc8c80091','rotation','turned_270',1,'REVIEWER','user 1','2026-11-30T21:52:21.159354Z','2026-11-30T21:52:23.222041+00:00','1-fbb0df65c38cd3f27d7f/3','2026-11-30T21:52:21.159354Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(4,'620f406a84f85c0a4a9b','rotation','turned_90',1,'REVIEWER','user 1','2026-11-30T21:52:20.141610Z','2026-11-30T21:52:23.251050+00:00','1-157935cde424e07b4c13/1','2026-11-30T21:52:20.141610Z','2026-11-30T21:52:26.669012+00:00',NULL,NULL);
INSERT INTO "labels" VALUES(5,'d6816a4174a727d017be','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:52:20.141610Z','2026-11-30T21:52:23.251050+00:00','1-157935cde424e07b4c13/1','2026-11-30T21:52:20.141610Z','2026-11-30T21:52:26.669012+00:00',NULL,NULL);
INSERT INTO "labels" VALUES(6,'1c988411435c980bea28','rotation','upright',1,'REVIEWER','user 1','2026-11-30T21:52:21.573307Z','2026-11-30T21:52:23.267822+00:00','1-2badb107df97ec1ab3b9/4','2026-11-30T21:52:21.573307Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(7,'215b8687a9fbe441ba05','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:52:21.573307Z','2026-11-30T21:52:23.267822+00:00','1-2badb107df97ec1ab3b9/4','2026-11-30T21:52:21.573307Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(8,'4691b6cf69ae33f3c17f','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:52:21.573307Z','2026-11-30T21:52:23.267822+00:00','1-2badb107df97ec1ab3b9/4','2026-11-30T21:52:21.573307Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(9,'88a669a06548cdbb2d81','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:52:21.573307Z','2026-11-30T21:52:23.267822+00:00','1-2badb107df97ec1ab3b9/4','2026-11-30T21:52:21.573307Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(10,'620f406a84f85c0a4a9b','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:52:27.140746Z','2026-11-30T21:52:28.909554+00:00','1-157935cde424e07b4c13/5','2026-11-30T21:52:27.140746Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(11,'d6816a4174a727d017be','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:52:27.140746Z','2026-11-30T21:52:28.909554+00:00','1-157935cde424e07b4c13/5','2026-11-30T21:52:27.140746Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(12,'1e548519923dd0100fe7','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:52:37.033239Z','2026-11-30T21:52:39.240751+00:00','3-da56b365a64d99e7ebe0/12','2026-11-30T21:52:37.033239Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(13,'41bce2e9b09b2b01fd7a','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:52:37.033239Z','2026-11-30T21:52:39.240751+00:00','3-da56b365a64d99e7ebe0/12','2026-11-30T21:52:37.033239Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(14,'57a87edfbb3df16801be','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:52:37.033239Z','2026-11-30T21:52:39.240751+00:00','3-da56b365a64d99e7ebe0/12','2026-11-30T21:52:37.033239Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(15,'6e19ce1ca2097c411aec','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:52:37.033239Z','2026-11-30T21:52:39.240751+00:00','3-da56b365a64d99e7ebe0/12','2026-11-30T21:52:37.033239Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(16,'7aa364456aaedf9d133e','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:52:37.033239Z','2026-11-30T21:52:39.240751+00:00','3-da56b365a64d99e7ebe0/12','2026-11-30T21:52:37.033239Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(17,'8b99e7dad2c6bbe9b7e0','rotation','upright',1,'REVIEWER','user 1','2026-11-30T21:52:37.472818Z','2026-11-30T21:52:39.253446+00:00','3-042062203c20eb6bdd80/13','2026-11-30T21:52:37.472818Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(18,'c2ea4655f0601630f8f5','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:52:37.472818Z','2026-11-30T21:52:39.253446+00:00','3-042062203c20eb6bdd80/13','2026-11-30T21:52:37.472818Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(19,'d48f059b9e35190cceeb','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:52:37.472818Z','2026-11-30T21:52:39.253446+00:00','3-042062203c20eb6bdd80/13','2026-11-30T21:52:37.472818Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(20,'e952451b6d48738626a6','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:52:37.472818Z','2026-11-30T21:52:39.253446+00:00','3-042062203c20eb6bdd80/13','2026-11-30T21:52:37.472818Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(21,'f0d090ab3ac081099fa1','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:52:36.506274Z','2026-11-30T21:52:39.908832+00:00','2-80dba5cfe6dd8ab0687a/11','2026-11-30T21:52:36.506274Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(22,'8c2c805d204f01a0f81e','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:52:33.979299Z','2026-11-30T21:52:39.916429+00:00','2-b5fb9a6cdc9e63fdb555/6','2026-11-30T21:52:33.979299Z','2026-11-30T21:52:42.849949+00:00',NULL,NULL);
INSERT INTO "labels" VALUES(23,'08c448c06f7bc8c80091','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:52:34.495457Z','2026-11-30T21:52:39.932666+00:00','2-831574f5c932f4db8dcc/7','2026-11-30T21:52:34.495457Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(24,'620f406a84f85c0a4a9b','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:52:35.035949Z','2026-11-30T21:52:39.955142+00:00','2-c48c1976da8331a5bc7b/8','2026-11-30T21:52:35.035949Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(25,'d6816a4174a727d017be','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:52:35.456399Z','2026-11-30T21:52:39.975930+00:00','2-ac655807d9a55361a5bd/9','2026-11-30T21:52:35.456399Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(26,'1c988411435c980bea28','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:52:35.979475Z','2026-11-30T21:52:39.989144+00:00','2-425a286f395cf2972099/10','2026-11-30T21:52:35.979475Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(27,'8c2c805d204f01a0f81e','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:52:42.993170Z','2026-11-30T21:52:45.486028+00:00','2-b5fb9a6cdc9e63fdb555/14','2026-11-30T21:52:42.993170Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(28,'e952451b6d48738626a6','hip_box','found',0,'REVIEWER','','2026-01-01','2026-11-30T21:52:45.777422+00:00',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "labels" VALUES(29,'e952451b6d48738626a6','metal_implant','metal',0,'REPORT','rod.any','2026-11-30T21:52:45.846263+00:00','2026-11-30T21:52:45.863071+00:00',NULL,NULL,NULL,0.9,NULL);
INSERT INTO "labels" VALUES(30,'88a669a06548cdbb2d81','metal_implant','metal',0,'REPORT','rod.any','2026-11-30T21:52:45.846263+00:00','2026-11-30T21:52:45.863071+00:00',NULL,NULL,NULL,0.9,NULL);
INSERT INTO "labels" VALUES(31,'57a87edfbb3df16801be','metal_implant','metal',0,'REPORT','rod.any','2026-11-30T21:52:45.846263+00:00','2026-11-30T21:52:45.863071+00:00',NULL,NULL,NULL,0.9,NULL);
CREATE TABLE ledger (
	seq BIGINT NOT NULL, 
	at VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	detector_task VARCHAR, 
	radiograph_id VARCHAR, 
	facts JSON NOT NULL, 
	previous VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "ledger" VALUES(1,'2026-11-30T21:49:15.119125+00:00','begin',NULL,NULL,'{"labels": 0, "labels_sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "in_use": {}}','0000000000000000000000000000000000000000000000000000000000000000','86ccd791366bcdcf394c8c61f3a3efdccfd94b12b0fe48b0776e3d4d6f27eed6');
INSERT INTO "ledger" VALUES(2,'2026-11-30T21:49:15.127264+00:00','model','inversion',NULL,'{"model_version": "tiny-bf88c1efe17c", "reviewer_labels": 0, "judgement": {"publish": true, "reason": "the first version: 0 of 6 sealed views wrong", "champion": null, "sealed_views": 6, "sealed_errors": 0, "champion_sealed_errors": null, "confirmed_bad": 0, "confirmed_found": 0, "contradicted": []}}','86ccd791366bcdcf394c8c61f3a3efdccfd94b12b0fe48b0776e3d4d6f27eed6','385037e6ff2c9e89158f830b9c223d09163bff890799e3e8aea9331e51d442da');
INSERT INTO "ledger" VALUES(3,'2026-11-30T21:49:16.180685+00:00','published','inversion',NULL,'{"model_version": "tiny-bf88c1efe17c", "reason": "first", "thresholds": {"review_below": 0.7, "accept_at": 0.98}, "card_sha256": "bf88c1efe17ce7b5a1c84eceba74f2a54cb4b8900feb6280f5b0e051742342b4", "predictions_sha256": "bbb14be6ba50558bbdbdafc456fa353b6bed77314cf4a6727f6b08a6c12b722b"}','385037e6ff2c9e89158f830b9c223d09163bff890799e3e8aea9331e51d442da','95ce8595e2a645beeb2237c6e2c07534d17f09785158129ee276327304d1d532');
INSERT INTO "ledger" VALUES(4,'2026-11-30T21:49:19.130853+00:00','model','rotation',NULL,'{"model_version": "tiny-bf88c1efe17c", "reviewer_labels": 0, "judgement": {"publish": true, "reason": "the first version: 4 of 12 sealed views wrong", "champion": null, "sealed_views": 12, "sealed_errors": 4, "champion_sealed_errors": null, "confirmed_bad": 0, "confirmed_found": 0, "contradicted": []}}','95ce8595e2a645beeb2237c6e2c07534d17f09785158129ee276327304d1d532','151cbd368b99819239a724625267ddc478718f1ba71799038babdf0b282a1cb3');
INSERT INTO "ledger" VALUES(5,'2026-11-30T21:49:20.161943+00:00','published','rotation',NULL,'{"model_version": "tiny-bf88c1efe17c", "reason": "first", "thresholds": {"review_below": 0.7, "accept_at": 0.98}, "card_sha256": "bf88c1efe17ce7b5a1c84eceba74f2a54cb4b8900feb6280f5b0e051742342b4", "predictions_sha256": "5597153186ff464215da4cb7cfa08d24ed3d273b035081676074b8dc379e211b"}','151cbd368b99819239a724625267ddc478718f1ba71799038babdf0b282a1cb3','0fc30a44c412bd84483a16a9fe8ad1909eaf34303bb2fedc1be1b906887c99b3');
INSERT INTO "ledger" VALUES(6,'2026-11-30T21:52:18.720340+00:00','batch','rotation',NULL,'{"batch_id": 1, "detector_task": "rotation", "model_version": "tiny-bf88c1efe17c", "seed": 148630012097397, "films": 24, "drawn_from": 17, "set_aside": [], "slices": {"likely": 5, "outlier": 1, "uncertain": 1, "audit": 2}}','0fc30a44c412bd84483a16a9fe8ad1909eaf34303bb2fedc1be1b906887c99b3','c6ff64e8ba94a7afa0a509790024d9d1d1f6cd1df976bf5b21a13bf3b18f9302');
INSERT INTO "ledger" VALUES(7,'2026-11-30T21:52:18.720340+00:00','pick','rotation','620f406a84f85c0a4a9b','{"batch_id": 1, "rank": 1, "slice": "likely", "reason": "probably turned_90: 0.950"}','c6ff64e8ba94a7afa0a509790024d9d1d1f6cd1df976bf5b21a13bf3b18f9302','a297503ff03adaa1b38ff0fb89695826c6d6a4e987403fcc84b00ebc71b52211');
INSERT INTO "ledger" VALUES(8,'2026-11-30T21:52:18.720340+00:00','pick','rotation','d6816a4174a727d017be','{"batch_id": 1, "rank": 2, "slice": "likely", "reason": "probably turned_90: 0.981"}','a297503ff03adaa1b38ff0fb89695826c6d6a4e987403fcc84b00ebc71b52211','469f5cc7e1655211a9b37d53f5e05285150bf76803b51b6ea5b1b9b04c562ccf');
INSERT INTO "ledger" VALUES(9,'2026-11-30T21:52:18.720340+00:00','pick','rotation','08c448c06f7bc8c80091','{"batch_id": 1, "rank": 3, "slice": "likely", "reason": "probably turned_270: 0.911"}','469f5cc7e1655211a9b37d53f5e05285150bf76803b51b6ea5b1b9b04c562ccf','a315883321aacc93490ff8b295743006fadfe890c0c9c6c08d7da39ab9bac5da');
INSERT INTO "ledger" VALUES(10,'2026-11-30T21:52:18.720340+00:00','pick','rotation','8c2c805d204f01a0f81e','{"batch_id": 1, "rank": 4, "slice": "likely", "reason": "probably turned_180: 0.885"}','a315883321aacc93490ff8b295743006fadfe890c0c9c6c08d7da39ab9bac5da','1054fa5dbe820e6ffdbe83db9feac6923546c369c7139c3cbc12f1c370469aaf');
INSERT INTO "ledger" VALUES(11,'2026-11-30T21:52:18.720340+00:00','pick','rotation','f0d090ab3ac081099fa1','{"batch_id": 1, "rank": 5, "slice": "likely", "reason": "probably turned_180: 0.856"}','1054fa5dbe820e6ffdbe83db9feac6923546c369c7139c3cbc12f1c370469aaf','b69ab0b1ceea2197e4ea03ed06395fc63a54b908e40abab6a886847d5e1cd182');
INSERT INTO "ledger" VALUES(12,'2026-11-30T21:52:18.720340+00:00','pick','rotation','88a669a06548cdbb2d81','{"batch_id": 1, "rank": 6, "slice": "outlier", "reason": "unlike the rest: stranger than 79.2% of all films"}','b69ab0b1ceea2197e4ea03ed06395fc63a54b908e40abab6a886847d5e1cd182','59f2059f7ad63e9123e4cf8dffc282684d92a0cb038d047c7a8f8da17b9a6cc6');
INSERT INTO "ledger" VALUES(13,'2026-11-30T21:52:18.720340+00:00','pick','rotation','4691b6cf69ae33f3c17f','{"batch_id": 1, "rank": 7, "slice": "uncertain", "reason": "undecided: uncertainty 0.012"}','59f2059f7ad63e9123e4cf8dffc282684d92a0cb038d047c7a8f8da17b9a6cc6','912646d7c1dd269be9eddf5423f415431cad40ee715ee9079e36a2e851deb6c0');
INSERT INTO "ledger" VALUES(14,'2026-11-30T21:52:18.720340+00:00','pick','rotation','1c988411435c980bea28','{"batch_id": 1, "rank": 8, "slice": "audit", "reason": "drawn at random from 17 films nobody has looked at"}','912646d7c1dd269be9eddf5423f415431cad40ee715ee9079e36a2e851deb6c0','e64f13b76988df15b5f52bd3a193f0a45886e8b00ec3aaae9f58403a4528a4ae');
INSERT INTO "ledger" VALUES(15,'2026-11-30T21:52:18.720340+00:00','pick','rotation','215b8687a9fbe441ba05','{"batch_id": 1, "rank": 9, "slice": "audit", "reason": "drawn at random from 17 films nobody has looked at"}','e64f13b76988df15b5f52bd3a193f0a45886e8b00ec3aaae9f58403a4528a4ae','6c33e461839c88e2ae49b72e69d62434778b538a447a1c20563f63b2ee77d576');
INSERT INTO "ledger" VALUES(16,'2026-11-30T21:52:23.198036+00:00','label','rotation','8c2c805d204f01a0f81e','{"label_id": 1, "label": "turned_180", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:20.617563Z", "denied": true, "annotation": "1-343120211ea0f74f20ab/2"}','6c33e461839c88e2ae49b72e69d62434778b538a447a1c20563f63b2ee77d576','5e78328dfb9d87fdae3f6476e165240afd8bf3b84d6ed043378def2453ccf43f');
INSERT INTO "ledger" VALUES(17,'2026-11-30T21:52:23.198036+00:00','label','rotation','f0d090ab3ac081099fa1','{"label_id": 2, "label": "turned_180", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:20.617563Z", "annotation": "1-343120211ea0f74f20ab/2"}','5e78328dfb9d87fdae3f6476e165240afd8bf3b84d6ed043378def2453ccf43f','93daba1ffdfb5384de260108e40e7851f38ba41437bae99cb001a797222a9317');
INSERT INTO "ledger" VALUES(18,'2026-11-30T21:52:23.219443+00:00','answer','rotation',NULL,'{"annotation": "1-343120211ea0f74f20ab/2", "annotation_updated_at": "2026-11-30T21:52:20.617563Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["8c2c805d204f01a0f81e", "f0d090ab3ac081099fa1"], "called": {"8c2c805d204f01a0f81e": "not turned_180", "f0d090ab3ac081099fa1": "turned_180"}, "suggested": null}','93daba1ffdfb5384de260108e40e7851f38ba41437bae99cb001a797222a9317','5d3f9f29bb619c229ecb4a796ca1a7fac9e23010af440986ea819d18bb20728d');
INSERT INTO "ledger" VALUES(19,'2026-11-30T21:52:23.232079+00:00','label','rotation','08c448c06f7bc8c80091','{"label_id": 3, "label": "turned_270", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:21.159354Z", "denied": true, "annotation": "1-fbb0df65c38cd3f27d7f/3"}','5d3f9f29bb619c229ecb4a796ca1a7fac9e23010af440986ea819d18bb20728d','b6edf2d8ada66d2e336902147bd2531fb14e782eb7cfd7957b852451af274228');
INSERT INTO "ledger" VALUES(20,'2026-11-30T21:52:23.234317+00:00','answer','rotation',NULL,'{"annotation": "1-fbb0df65c38cd3f27d7f/3", "annotation_updated_at": "2026-11-30T21:52:21.159354Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["08c448c06f7bc8c80091"], "called": {"08c448c06f7bc8c80091": "not turned_270"}, "suggested": null}','b6edf2d8ada66d2e336902147bd2531fb14e782eb7cfd7957b852451af274228','94d4406f64e5d415fb3b6b07b7fbb49d332375a3164da8c3e58a6531282577e2');
INSERT INTO "ledger" VALUES(21,'2026-11-30T21:52:23.251935+00:00','label','rotation','620f406a84f85c0a4a9b','{"label_id": 4, "label": "turned_90", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:20.141610Z", "denied": true, "annotation": "1-157935cde424e07b4c13/1"}','94d4406f64e5d415fb3b6b07b7fbb49d332375a3164da8c3e58a6531282577e2','41a531c3f291643cc908a5508a7e400af4c58777a84ad2c603a32ec324ff75fa');
INSERT INTO "ledger" VALUES(22,'2026-11-30T21:52:23.251935+00:00','label','rotation','d6816a4174a727d017be','{"label_id": 5, "label": "turned_90", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:20.141610Z", "annotation": "1-157935cde424e07b4c13/1"}','41a531c3f291643cc908a5508a7e400af4c58777a84ad2c603a32ec324ff75fa','fbd1452c87f30be188e33db6126135092762da922635423889fa9e3ad5950a60');
INSERT INTO "ledger" VALUES(23,'2026-11-30T21:52:23.253913+00:00','answer','rotation',NULL,'{"annotation": "1-157935cde424e07b4c13/1", "annotation_updated_at": "2026-11-30T21:52:20.141610Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["620f406a84f85c0a4a9b", "d6816a4174a727d017be"], "called": {"620f406a84f85c0a4a9b": "not turned_90", "d6816a4174a727d017be": "turned_90"}, "suggested": null}','fbd1452c87f30be188e33db6126135092762da922635423889fa9e3ad5950a60','9afeda4c619f38efe5251f4a5864ce4cbe825f7b1e6c901ef295159dd3ef7ad0');
INSERT INTO "ledger" VALUES(24,'2026-11-30T21:52:23.268698+00:00','label','rotation','1c988411435c980bea28','{"label_id": 6, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:21.573307Z", "denied": true, "annotation": "1-2badb107df97ec1ab3b9/4"}','9afeda4c619f38efe5251f4a5864ce4cbe825f7b1e6c901ef295159dd3ef7ad0','751b76728b691fd78ffa21adc39f3acc8e12791ec452e62a2a8a485d7f110eae');
INSERT INTO "ledger" VALUES(25,'2026-11-30T21:52:23.268698+00:00','label','rotation','215b8687a9fbe441ba05','{"label_id": 7, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:21.573307Z", "annotation": "1-2badb107df97ec1ab3b9/4"}','751b76728b691fd78ffa21adc39f3acc8e12791ec452e62a2a8a485d7f110eae','fd23e4c123ef4029fd843159726bf88b1e3a788c55b50d7034385b54521566c3');
INSERT INTO "ledger" VALUES(26,'2026-11-30T21:52:23.268698+00:00','label','rotation','4691b6cf69ae33f3c17f','{"label_id": 8, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:21.573307Z", "annotation": "1-2badb107df97ec1ab3b9/4"}','fd23e4c123ef4029fd843159726bf88b1e3a788c55b50d7034385b54521566c3','3754fd2fa01fb3151ce8a91c6b553cd3905c38ff020f31e84947836373521943');
INSERT INTO "ledger" VALUES(27,'2026-11-30T21:52:23.268698+00:00','label','rotation','88a669a06548cdbb2d81','{"label_id": 9, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:21.573307Z", "annotation": "1-2badb107df97ec1ab3b9/4"}','3754fd2fa01fb3151ce8a91c6b553cd3905c38ff020f31e84947836373521943','47faabae56a06cdf4da0599865d641f9eaaec79e18230b2c3ec25d6b65b421e7');
INSERT INTO "ledger" VALUES(28,'2026-11-30T21:52:23.275321+00:00','answer','rotation',NULL,'{"annotation": "1-2badb107df97ec1ab3b9/4", "annotation_updated_at": "2026-11-30T21:52:21.573307Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["1c988411435c980bea28", "215b8687a9fbe441ba05", "4691b6cf69ae33f3c17f", "88a669a06548cdbb2d81"], "called": {"1c988411435c980bea28": "not upright", "215b8687a9fbe441ba05": "upright", "4691b6cf69ae33f3c17f": "upright", "88a669a06548cdbb2d81": "upright"}, "suggested": null}','47faabae56a06cdf4da0599865d641f9eaaec79e18230b2c3ec25d6b65b421e7','d1c87441d885a6a34493f750e3c8ed7422ce795c0f4ea94bf477409e6283b37e');
INSERT INTO "ledger" VALUES(29,'2026-11-30T21:52:26.667432+00:00','answer withdrawn','rotation',NULL,'{"annotation": "1-157935cde424e07b4c13/1", "why": "it was deleted in Label Studio", "shown": ["620f406a84f85c0a4a9b", "d6816a4174a727d017be"]}','d1c87441d885a6a34493f750e3c8ed7422ce795c0f4ea94bf477409e6283b37e','47197f9fa15f9952277b0f98300df650b324e919b93e99c32ab03875796401af');
INSERT INTO "ledger" VALUES(30,'2026-11-30T21:52:26.669652+00:00','withdrawn','rotation','620f406a84f85c0a4a9b','{"label_id": 4, "label": "turned_90", "source": "REVIEWER", "why": "the answer was deleted"}','47197f9fa15f9952277b0f98300df650b324e919b93e99c32ab03875796401af','f0232a1c680990b9fbcf79e15f73a842d5a6a5030ecd206a702975404d99bf9b');
INSERT INTO "ledger" VALUES(31,'2026-11-30T21:52:26.669652+00:00','withdrawn','rotation','d6816a4174a727d017be','{"label_id": 5, "label": "turned_90", "source": "REVIEWER", "why": "the answer was deleted"}','f0232a1c680990b9fbcf79e15f73a842d5a6a5030ecd206a702975404d99bf9b','0f86c816046250e7a77945861e1e9212c7b10e15a5bdbd572324fd27dac4758e');
INSERT INTO "ledger" VALUES(32,'2026-11-30T21:52:28.910374+00:00','label','rotation','620f406a84f85c0a4a9b','{"label_id": 10, "label": "turned_90", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:27.140746Z", "annotation": "1-157935cde424e07b4c13/5"}','0f86c816046250e7a77945861e1e9212c7b10e15a5bdbd572324fd27dac4758e','c26b9334afc8e78066ea332e1feaf7716a7d024a522364ea901feddddd65dfe5');
INSERT INTO "ledger" VALUES(33,'2026-11-30T21:52:28.910374+00:00','label','rotation','d6816a4174a727d017be','{"label_id": 11, "label": "turned_90", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:27.140746Z", "annotation": "1-157935cde424e07b4c13/5"}','c26b9334afc8e78066ea332e1feaf7716a7d024a522364ea901feddddd65dfe5','66e6e653ebdedd5138727698d3d83d5606289a4c1a06b966a80d86fc28757f8c');
INSERT INTO "ledger" VALUES(34,'2026-11-30T21:52:28.921654+00:00','answer','rotation',NULL,'{"annotation": "1-157935cde424e07b4c13/5", "annotation_updated_at": "2026-11-30T21:52:27.140746Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["620f406a84f85c0a4a9b", "d6816a4174a727d017be"], "called": {"620f406a84f85c0a4a9b": "turned_90", "d6816a4174a727d017be": "turned_90"}, "suggested": null}','66e6e653ebdedd5138727698d3d83d5606289a4c1a06b966a80d86fc28757f8c','0a76fb5f4c5144f8d2cf4c2112c7ba6f038f41c2c2e73c3ed38eb94b47f6bedd');
INSERT INTO "ledger" VALUES(35,'2026-11-30T21:52:30.475169+00:00','batch','rotation',NULL,'{"batch_id": 2, "detector_task": "rotation", "model_version": "tiny-bf88c1efe17c", "seed": 0, "films": null, "drawn_from": null, "set_aside": [], "slices": {"follow_up": 6}}','0a76fb5f4c5144f8d2cf4c2112c7ba6f038f41c2c2e73c3ed38eb94b47f6bedd','d58b04e1b2f4bcab5d696f21060517b390e0b678782580294c2b6772c338148c');
INSERT INTO "ledger" VALUES(36,'2026-11-30T21:52:30.475169+00:00','pick','rotation','8c2c805d204f01a0f81e','{"batch_id": 2, "rank": 1, "slice": "follow_up", "reason": "found by one look: a second, independent look"}','d58b04e1b2f4bcab5d696f21060517b390e0b678782580294c2b6772c338148c','2cbe72d92e87a065f1cd41ddc99e54608098ccda74218f240f5a18eba9041b90');
INSERT INTO "ledger" VALUES(37,'2026-11-30T21:52:30.475169+00:00','pick','rotation','08c448c06f7bc8c80091','{"batch_id": 2, "rank": 2, "slice": "follow_up", "reason": "found by one look: a second, independent look"}','2cbe72d92e87a065f1cd41ddc99e54608098ccda74218f240f5a18eba9041b90','e9c85abbbb7303bb39f7633a55fb338fe54134533f4b0ce2ae46a6092ee52662');
INSERT INTO "ledger" VALUES(38,'2026-11-30T21:52:30.475169+00:00','pick','rotation','620f406a84f85c0a4a9b','{"batch_id": 2, "rank": 3, "slice": "follow_up", "reason": "found by one look: a second, independent look"}','e9c85abbbb7303bb39f7633a55fb338fe54134533f4b0ce2ae46a6092ee52662','9c73b9e15a83d02c2ba600a3dc47d8a6fa5247a5bf0585924c59cf3969bb4239');
INSERT INTO "ledger" VALUES(39,'2026-11-30T21:52:30.475169+00:00','pick','rotation','d6816a4174a727d017be','{"batch_id": 2, "rank": 4, "slice": "follow_up", "reason": "found by one look: a second, independent look"}','9c73b9e15a83d02c2ba600a3dc47d8a6fa5247a5bf0585924c59cf3969bb4239','e049e085c903fc523690c5301b202789fcafb8737e9958751922ee0805b1672c');
INSERT INTO "ledger" VALUES(40,'2026-11-30T21:52:30.475169+00:00','pick','rotation','1c988411435c980bea28','{"batch_id": 2, "rank": 5, "slice": "follow_up", "reason": "found by one look: a second, independent look"}','e049e085c903fc523690c5301b202789fcafb8737e9958751922ee0805b1672c','08f438ff7241526a30bcac2acfc80ed319bb02a09879e03a27903ab3146e89c7');
INSERT INTO "ledger" VALUES(41,'2026-11-30T21:52:30.475169+00:00','pick','rotation','f0d090ab3ac081099fa1','{"batch_id": 2, "rank": 6, "slice": "follow_up", "reason": "found by one look: a second, independent look"}','08f438ff7241526a30bcac2acfc80ed319bb02a09879e03a27903ab3146e89c7','c4b1044c04c18f7a1859a3df8e2bc37153b46fa979958c869feb6c808ff4b3c7');
INSERT INTO "ledger" VALUES(42,'2026-11-30T21:52:31.273259+00:00','batch','rotation',NULL,'{"batch_id": 3, "detector_task": "rotation", "model_version": "tiny-bf88c1efe17c", "seed": 72662580817815, "films": 24, "drawn_from": 8, "set_aside": [], "slices": {"uncertain": 7, "audit": 2}}','c4b1044c04c18f7a1859a3df8e2bc37153b46fa979958c869feb6c808ff4b3c7','008cf61b814b6e4da7395676db1eb9eeebb3507e1d046fa3ede453f7426a5eb6');
INSERT INTO "ledger" VALUES(43,'2026-11-30T21:52:31.273259+00:00','pick','rotation','57a87edfbb3df16801be','{"batch_id": 3, "rank": 1, "slice": "uncertain", "reason": "undecided: uncertainty 0.001"}','008cf61b814b6e4da7395676db1eb9eeebb3507e1d046fa3ede453f7426a5eb6','8b41de87b21769319ea70891ced7bcdefe582eb9beacf8ad54cd197772044c59');
INSERT INTO "ledger" VALUES(44,'2026-11-30T21:52:31.273259+00:00','pick','rotation','d48f059b9e35190cceeb','{"batch_id": 3, "rank": 2, "slice": "uncertain", "reason": "undecided: uncertainty 0.001"}','8b41de87b21769319ea70891ced7bcdefe582eb9beacf8ad54cd197772044c59','d6e9f955e4fbaa0634d47ec7f213b9b203bed0b25b076e5e56f9ce1e60521de8');
INSERT INTO "ledger" VALUES(45,'2026-11-30T21:52:31.273259+00:00','pick','rotation','c2ea4655f0601630f8f5','{"batch_id": 3, "rank": 3, "slice": "uncertain", "reason": "undecided: uncertainty 0.001"}','d6e9f955e4fbaa0634d47ec7f213b9b203bed0b25b076e5e56f9ce1e60521de8','6c0d21a8674272d3227b4b94e2bd32ba8aae05d5d1532e8c0a7de218a35eb3d2');
INSERT INTO "ledger" VALUES(46,'2026-11-30T21:52:31.273259+00:00','pick','rotation','e952451b6d48738626a6','{"batch_id": 3, "rank": 4, "slice": "uncertain", "reason": "undecided: uncertainty 0.001"}','6c0d21a8674272d3227b4b94e2bd32ba8aae05d5d1532e8c0a7de218a35eb3d2','d3847c3e4e3789d82241f45e453d73a258c10fcd2704894040c35770db2b3351');
INSERT INTO "ledger" VALUES(47,'2026-11-30T21:52:31.273259+00:00','pick','rotation','6e19ce1ca2097c411aec','{"batch_id": 3, "rank": 5, "slice": "uncertain", "reason": "undecided: uncertainty 0.001"}','d3847c3e4e3789d82241f45e453d73a258c10fcd2704894040c35770db2b3351','8baa85ca7e81eeb9dcbcb8834858c00d0067030d37ffbf662b25ac1bf4959d59');
INSERT INTO "ledger" VALUES(48,'2026-11-30T21:52:31.273259+00:00','pick','rotation','7aa364456aaedf9d133e','{"batch_id": 3, "rank": 6, "slice": "uncertain", "reason": "undecided: uncertainty 0.000"}','8baa85ca7e81eeb9dcbcb8834858c00d0067030d37ffbf662b25ac1bf4959d59','ee2c20f236f2af5f80c057dd996ffb42a588487fba8f8e7da5615974927959eb');
INSERT INTO "ledger" VALUES(49,'2026-11-30T21:52:31.273259+00:00','pick','rotation','8b99e7dad2c6bbe9b7e0','{"batch_id": 3, "rank": 7, "slice": "uncertain", "reason": "undecided: uncertainty 0.000"}','ee2c20f236f2af5f80c057dd996ffb42a588487fba8f8e7da5615974927959eb','e34a4aeb8da9c6ad8ea7c1f33629b1302792821c7356012bca2173f116e29b2b');
INSERT INTO "ledger" VALUES(50,'2026-11-30T21:52:31.273259+00:00','pick','rotation','41bce2e9b09b2b01fd7a','{"batch_id": 3, "rank": 8, "slice": "audit", "reason": "drawn at random from 8 films nobody has looked at"}','e34a4aeb8da9c6ad8ea7c1f33629b1302792821c7356012bca2173f116e29b2b','f6d91cb789940d1f4e65da865ed71a7aad538dc36e827cd1e7c565a1f98c88f9');
INSERT INTO "ledger" VALUES(51,'2026-11-30T21:52:31.273259+00:00','pick','rotation','1e548519923dd0100fe7','{"batch_id": 3, "rank": 9, "slice": "audit", "reason": "drawn at random from 8 films nobody has looked at"}','f6d91cb789940d1f4e65da865ed71a7aad538dc36e827cd1e7c565a1f98c88f9','08a16b7f3b5e3f85d2fd9d1b1227b5a107b80b3cb9446c0750c42aefe4f2f61f');
INSERT INTO "ledger" VALUES(52,'2026-11-30T21:52:39.241562+00:00','label','rotation','1e548519923dd0100fe7','{"label_id": 12, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:37.033239Z", "annotation": "3-da56b365a64d99e7ebe0/12"}','08a16b7f3b5e3f85d2fd9d1b1227b5a107b80b3cb9446c0750c42aefe4f2f61f','8a10f5287df5241f6c41608d4bc7a5e23892f09e0a34044e6d98477ad409425f');
INSERT INTO "ledger" VALUES(53,'2026-11-30T21:52:39.241562+00:00','label','rotation','41bce2e9b09b2b01fd7a','{"label_id": 13, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:37.033239Z", "annotation": "3-da56b365a64d99e7ebe0/12"}','8a10f5287df5241f6c41608d4bc7a5e23892f09e0a34044e6d98477ad409425f','ebccd97f58799ded5c52f52c787148a495812ff26ae18684330fca268c40f085');
INSERT INTO "ledger" VALUES(54,'2026-11-30T21:52:39.241562+00:00','label','rotation','57a87edfbb3df16801be','{"label_id": 14, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:37.033239Z", "annotation": "3-da56b365a64d99e7ebe0/12"}','ebccd97f58799ded5c52f52c787148a495812ff26ae18684330fca268c40f085','e8f01cd2a4f11a23c3c5c831d7faa7838c375aecba979ca9d4012e2b8a4b5536');
INSERT INTO "ledger" VALUES(55,'2026-11-30T21:52:39.241562+00:00','label','rotation','6e19ce1ca2097c411aec','{"label_id": 15, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:37.033239Z", "annotation": "3-da56b365a64d99e7ebe0/12"}','e8f01cd2a4f11a23c3c5c831d7faa7838c375aecba979ca9d4012e2b8a4b5536','276b084d0728598492c8972c97813113e345bfb44dcdf00f391a05d1a1178491');
INSERT INTO "ledger" VALUES(56,'2026-11-30T21:52:39.241562+00:00','label','rotation','7aa364456aaedf9d133e','{"label_id": 16, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:37.033239Z", "annotation": "3-da56b365a64d99e7ebe0/12"}','276b084d0728598492c8972c97813113e345bfb44dcdf00f391a05d1a1178491','8c311c8f39507797ac72a7245a3fe42b8480bddd3daf00122666edf7abc8df13');
INSERT INTO "ledger" VALUES(57,'2026-11-30T21:52:39.252231+00:00','answer','rotation',NULL,'{"annotation": "3-da56b365a64d99e7ebe0/12", "annotation_updated_at": "2026-11-30T21:52:37.033239Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["12e7d863d5c6dd70ff4a", "1e548519923dd0100fe7", "41bce2e9b09b2b01fd7a", "57a87edfbb3df16801be", "6e19ce1ca2097c411aec", "7aa364456aaedf9d133e"], "called": {"12e7d863d5c6dd70ff4a": "not upright", "1e548519923dd0100fe7": "upright", "41bce2e9b09b2b01fd7a": "upright", "57a87edfbb3df16801be": "upright", "6e19ce1ca2097c411aec": "upright", "7aa364456aaedf9d133e": "upright"}, "suggested": null}','8c311c8f39507797ac72a7245a3fe42b8480bddd3daf00122666edf7abc8df13','5fca7590ae9c24db6d026630f8f57ca16503313e13e65642d52410c9b3740e26');
INSERT INTO "ledger" VALUES(58,'2026-11-30T21:52:39.253973+00:00','label','rotation','8b99e7dad2c6bbe9b7e0','{"label_id": 17, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:37.472818Z", "denied": true, "annotation": "3-042062203c20eb6bdd80/13"}','5fca7590ae9c24db6d026630f8f57ca16503313e13e65642d52410c9b3740e26','6def61fa047c7c615f4ff5fcf9d2d9b780010fefa7cd8d64513f42482661f4f1');
INSERT INTO "ledger" VALUES(59,'2026-11-30T21:52:39.253973+00:00','label','rotation','c2ea4655f0601630f8f5','{"label_id": 18, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:37.472818Z", "annotation": "3-042062203c20eb6bdd80/13"}','6def61fa047c7c615f4ff5fcf9d2d9b780010fefa7cd8d64513f42482661f4f1','0abbf735a7b3f1c5e902f9de3f07af0d80c2c801a60e0f0e798f7685e925224e');
INSERT INTO "ledger" VALUES(60,'2026-11-30T21:52:39.253973+00:00','label','rotation','d48f059b9e35190cceeb','{"label_id": 19, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:37.472818Z", "annotation": "3-042062203c20eb6bdd80/13"}','0abbf735a7b3f1c5e902f9de3f07af0d80c2c801a60e0f0e798f7685e925224e','e154a5a139c4408b10d6534cb3cd1b66ea17cb25b6e70b102a50816da80afa8d');
INSERT INTO "ledger" VALUES(61,'2026-11-30T21:52:39.253973+00:00','label','rotation','e952451b6d48738626a6','{"label_id": 20, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:37.472818Z", "annotation": "3-042062203c20eb6bdd80/13"}','e154a5a139c4408b10d6534cb3cd1b66ea17cb25b6e70b102a50816da80afa8d','88dac3e1719eee56990cd938663e241a87bed6fff1ff80d71c42c4f42e2e7a5e');
INSERT INTO "ledger" VALUES(62,'2026-11-30T21:52:39.265021+00:00','answer','rotation',NULL,'{"annotation": "3-042062203c20eb6bdd80/13", "annotation_updated_at": "2026-11-30T21:52:37.472818Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["8b99e7dad2c6bbe9b7e0", "c2ea4655f0601630f8f5", "d48f059b9e35190cceeb", "e952451b6d48738626a6"], "called": {"8b99e7dad2c6bbe9b7e0": "not upright", "c2ea4655f0601630f8f5": "upright", "d48f059b9e35190cceeb": "upright", "e952451b6d48738626a6": "upright"}, "suggested": null}','88dac3e1719eee56990cd938663e241a87bed6fff1ff80d71c42c4f42e2e7a5e','b6a90696fe95de5cfe709cbaf93a955b11542f1c7a496bb780b3e00cc57f2bb1');
INSERT INTO "ledger" VALUES(63,'2026-11-30T21:52:39.909366+00:00','label','rotation','f0d090ab3ac081099fa1','{"label_id": 21, "label": "turned_90", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:36.506274Z", "annotation": "2-80dba5cfe6dd8ab0687a/11"}','b6a90696fe95de5cfe709cbaf93a955b11542f1c7a496bb780b3e00cc57f2bb1','840d64fc9d7e6b80f2808c2b731a91023840cca426c48c6a5e470f9e7c0333df');
INSERT INTO "ledger" VALUES(64,'2026-11-30T21:52:39.915245+00:00','answer','rotation',NULL,'{"annotation": "2-80dba5cfe6dd8ab0687a/11", "annotation_updated_at": "2026-11-30T21:52:36.506274Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["f0d090ab3ac081099fa1"], "called": {"f0d090ab3ac081099fa1": "turned_90"}, "suggested": null}','840d64fc9d7e6b80f2808c2b731a91023840cca426c48c6a5e470f9e7c0333df','219ba81e872b293258428d4c13f1e5e3da981d059a134784d012b992e4b8a856');
INSERT INTO "ledger" VALUES(65,'2026-11-30T21:52:39.916966+00:00','label','rotation','8c2c805d204f01a0f81e','{"label_id": 22, "label": "turned_90", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:33.979299Z", "annotation": "2-b5fb9a6cdc9e63fdb555/6"}','219ba81e872b293258428d4c13f1e5e3da981d059a134784d012b992e4b8a856','0b3a9ea3694933ed21046b701e42bb740bc33785a8eb5e7ed983f7ba365e01bc');
INSERT INTO "ledger" VALUES(66,'2026-11-30T21:52:39.930556+00:00','answer','rotation',NULL,'{"annotation": "2-b5fb9a6cdc9e63fdb555/6", "annotation_updated_at": "2026-11-30T21:52:33.979299Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["8c2c805d204f01a0f81e"], "called": {"8c2c805d204f01a0f81e": "turned_90"}, "suggested": null}','0b3a9ea3694933ed21046b701e42bb740bc33785a8eb5e7ed983f7ba365e01bc','84f8c29d80185504188082dd5ec4d465637937b5c7daefa759b1472428b025bf');
INSERT INTO "ledger" VALUES(67,'2026-11-30T21:52:39.933458+00:00','label','rotation','08c448c06f7bc8c80091','{"label_id": 23, "label": "turned_90", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:34.495457Z", "annotation": "2-831574f5c932f4db8dcc/7"}','84f8c29d80185504188082dd5ec4d465637937b5c7daefa759b1472428b025bf','731ad632a7043f59d9055142c7effd26ed18bbc0ac1fda027e33cdfa2caadf55');
INSERT INTO "ledger" VALUES(68,'2026-11-30T21:52:39.944893+00:00','answer','rotation',NULL,'{"annotation": "2-831574f5c932f4db8dcc/7", "annotation_updated_at": "2026-11-30T21:52:34.495457Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["08c448c06f7bc8c80091"], "called": {"08c448c06f7bc8c80091": "turned_90"}, "suggested": null}','731ad632a7043f59d9055142c7effd26ed18bbc0ac1fda027e33cdfa2caadf55','6fe9e2248a452616a418d771dbb50aa5a63454fa6dd2ae6062e32aedaa633499');
INSERT INTO "ledger" VALUES(69,'2026-11-30T21:52:39.956477+00:00','label','rotation','620f406a84f85c0a4a9b','{"label_id": 24, "label": "turned_90", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:35.035949Z", "annotation": "2-c48c1976da8331a5bc7b/8"}','6fe9e2248a452616a418d771dbb50aa5a63454fa6dd2ae6062e32aedaa633499','e4bdd4d722ed363961817b78d908b63fef0026d682a73b1c3a92da060d985339');
INSERT INTO "ledger" VALUES(70,'2026-11-30T21:52:39.972291+00:00','answer','rotation',NULL,'{"annotation": "2-c48c1976da8331a5bc7b/8", "annotation_updated_at": "2026-11-30T21:52:35.035949Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["620f406a84f85c0a4a9b"], "called": {"620f406a84f85c0a4a9b": "turned_90"}, "suggested": null}','e4bdd4d722ed363961817b78d908b63fef0026d682a73b1c3a92da060d985339','a851e673c8c11d0cbf9b54bb4ff552355540cae38ea7ded4abb4dc590ee1e010');
INSERT INTO "ledger" VALUES(71,'2026-11-30T21:52:39.976699+00:00','label','rotation','d6816a4174a727d017be','{"label_id": 25, "label": "turned_90", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:35.456399Z", "annotation": "2-ac655807d9a55361a5bd/9"}','a851e673c8c11d0cbf9b54bb4ff552355540cae38ea7ded4abb4dc590ee1e010','33c47f1b78154b3cf162955b62f8cefb17f97803d32c043e1c120bdf23c0f177');
INSERT INTO "ledger" VALUES(72,'2026-11-30T21:52:39.986936+00:00','answer','rotation',NULL,'{"annotation": "2-ac655807d9a55361a5bd/9", "annotation_updated_at": "2026-11-30T21:52:35.456399Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["d6816a4174a727d017be"], "called": {"d6816a4174a727d017be": "turned_90"}, "suggested": null}','33c47f1b78154b3cf162955b62f8cefb17f97803d32c043e1c120bdf23c0f177','7f7174e1de2c49a4bd070747af6082b94b9d0d98dd5ae54689f381dc59d955e3');
INSERT INTO "ledger" VALUES(73,'2026-11-30T21:52:39.990082+00:00','label','rotation','1c988411435c980bea28','{"label_id": 26, "label": "turned_90", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:35.979475Z", "annotation": "2-425a286f395cf2972099/10"}','7f7174e1de2c49a4bd070747af6082b94b9d0d98dd5ae54689f381dc59d955e3','aa2834208efa483cd7741846f918f69fe03628a2514c1641802a75b86e1a1d03');
INSERT INTO "ledger" VALUES(74,'2026-11-30T21:52:40.000888+00:00','answer','rotation',NULL,'{"annotation": "2-425a286f395cf2972099/10", "annotation_updated_at": "2026-11-30T21:52:35.979475Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["1c988411435c980bea28"], "called": {"1c988411435c980bea28": "turned_90"}, "suggested": null}','aa2834208efa483cd7741846f918f69fe03628a2514c1641802a75b86e1a1d03','3521d295230da71ba796835d5364598ed75b4e98a805cd96e9c730c61d50df59');
INSERT INTO "ledger" VALUES(75,'2026-11-30T21:52:42.847865+00:00','answer withdrawn','rotation',NULL,'{"annotation": "2-b5fb9a6cdc9e63fdb555/6", "why": "it was deleted in Label Studio", "shown": ["8c2c805d204f01a0f81e"]}','3521d295230da71ba796835d5364598ed75b4e98a805cd96e9c730c61d50df59','b82d226ad4200d6b9a08ea50db2786579a2428f19b1935b6df8486e2e2674b88');
INSERT INTO "ledger" VALUES(76,'2026-11-30T21:52:42.859333+00:00','withdrawn','rotation','8c2c805d204f01a0f81e','{"label_id": 22, "label": "turned_90", "source": "REVIEWER", "why": "the answer was deleted"}','b82d226ad4200d6b9a08ea50db2786579a2428f19b1935b6df8486e2e2674b88','ed3dd1dc37c69de80ba5bfb8292f485531f51a15efb130c849c0859fc57300dd');
INSERT INTO "ledger" VALUES(77,'2026-11-30T21:52:45.494752+00:00','label','rotation','8c2c805d204f01a0f81e','{"label_id": 27, "label": "turned_90", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:52:42.993170Z", "annotation": "2-b5fb9a6cdc9e63fdb555/14"}','ed3dd1dc37c69de80ba5bfb8292f485531f51a15efb130c849c0859fc57300dd','3347c1ad8194e7a1271117fdf3569523e8150b8542d556c6c1c63913a57b98af');
INSERT INTO "ledger" VALUES(78,'2026-11-30T21:52:45.496831+00:00','answer','rotation',NULL,'{"annotation": "2-b5fb9a6cdc9e63fdb555/14", "annotation_updated_at": "2026-11-30T21:52:42.993170Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["8c2c805d204f01a0f81e"], "called": {"8c2c805d204f01a0f81e": "turned_90"}, "suggested": null}','3347c1ad8194e7a1271117fdf3569523e8150b8542d556c6c1c63913a57b98af','f59c18d412410e5829e6f0c571b869e47cef1c6bc65f0e02d9d85cfef0faf05c');
INSERT INTO "ledger" VALUES(79,'2026-11-30T21:52:45.787792+00:00','label','hip_box','e952451b6d48738626a6','{"label_id": 28, "label": "found", "source": "REVIEWER", "reviewer": "", "answered_at": "2026-01-01", "boxes": [["left_hip", 0.1, 0.2, 0.3, 0.25]]}','f59c18d412410e5829e6f0c571b869e47cef1c6bc65f0e02d9d85cfef0faf05c','b318a250cdd2aeacd491a2079c4ab4809668312fb62871f2753ee84f36f331d7');
INSERT INTO "ledger" VALUES(80,'2026-11-30T21:52:45.854386+00:00','labelling','metal_implant',NULL,'{"source": "REPORT", "added": 3, "withdrawn": 0}','b318a250cdd2aeacd491a2079c4ab4809668312fb62871f2753ee84f36f331d7','2ca11ac224875c20ec4aa87e9db3d89fa153866a90a420d2cc68e8cf2897f800');
INSERT INTO "ledger" VALUES(81,'2026-11-30T21:52:45.864015+00:00','label','metal_implant','e952451b6d48738626a6','{"label_id": 29, "label": "metal", "source": "REPORT", "reviewer": "rod.any", "answered_at": "2026-11-30T21:52:45.846263+00:00", "confidence": 0.9, "run": 80}','2ca11ac224875c20ec4aa87e9db3d89fa153866a90a420d2cc68e8cf2897f800','5e980d72350c000f4e1c31b64519e7cb734de3836465f613149b687940e29c3e');
INSERT INTO "ledger" VALUES(82,'2026-11-30T21:52:45.864015+00:00','label','metal_implant','88a669a06548cdbb2d81','{"label_id": 30, "label": "metal", "source": "REPORT", "reviewer": "rod.any", "answered_at": "2026-11-30T21:52:45.846263+00:00", "confidence": 0.9, "run": 80}','5e980d72350c000f4e1c31b64519e7cb734de3836465f613149b687940e29c3e','2c4745c661065de3336a63bacc34e6a573470f1cf11b9e4cb35f9b074912c205');
INSERT INTO "ledger" VALUES(83,'2026-11-30T21:52:45.864015+00:00','label','metal_implant','57a87edfbb3df16801be','{"label_id": 31, "label": "metal", "source": "REPORT", "reviewer": "rod.any", "answered_at": "2026-11-30T21:52:45.846263+00:00", "confidence": 0.9, "run": 80}','2c4745c661065de3336a63bacc34e6a573470f1cf11b9e4cb35f9b074912c205','666880b7e2a4a563064e0d0c78d1e804feb869bd03510c9192b8f19f483826de');
INSERT INTO "ledger" VALUES(84,'2026-11-30T21:52:47.051545+00:00','batch','rotation',NULL,'{"batch_id": 4, "detector_task": "rotation", "model_version": "tiny-bf88c1efe17c", "seed": 0, "films": null, "drawn_from": null, "set_aside": [], "slices": {"follow_up": 3}}','666880b7e2a4a563064e0d0c78d1e804feb869bd03510c9192b8f19f483826de','2292eb3e83bffc222ad26026f53200ed7fd5b8e7f26379d3772a3069a36eef19');
INSERT INTO "ledger" VALUES(85,'2026-11-30T21:52:47.051545+00:00','pick','rotation','08c448c06f7bc8c80091','{"batch_id": 4, "rank": 1, "slice": "follow_up", "reason": "found by one look: a second, independent look"}','2292eb3e83bffc222ad26026f53200ed7fd5b8e7f26379d3772a3069a36eef19','fff07920d85f62e802f764b1bca8f76ca20dd0df1cf1ea44e3397b07792918f6');
INSERT INTO "ledger" VALUES(86,'2026-11-30T21:52:47.051545+00:00','pick','rotation','8c2c805d204f01a0f81e','{"batch_id": 4, "rank": 2, "slice": "follow_up", "reason": "found by one look: a second, independent look"}','fff07920d85f62e802f764b1bca8f76ca20dd0df1cf1ea44e3397b07792918f6','83c67e6ef55d9085ec6efc567c4ba1a87777968980a574d445b6c6fbd37ba5d8');
INSERT INTO "ledger" VALUES(87,'2026-11-30T21:52:47.051545+00:00','pick','rotation','8b99e7dad2c6bbe9b7e0','{"batch_id": 4, "rank": 3, "slice": "follow_up", "reason": "found by one look: a second, independent look"}','83c67e6ef55d9085ec6efc567c4ba1a87777968980a574d445b6c6fbd37ba5d8','8589aa6da87fb29e658f94b1781f2c14919c7a3d546add5ba125a659fdc9f17a');
INSERT INTO "ledger" VALUES(88,'2026-11-30T21:52:48.921761+00:00','batch','rotation',NULL,'{"batch_id": 5, "detector_task": "rotation", "model_version": "tiny-bf88c1efe17c", "seed": 204992873888187, "films": 24, "drawn_from": 2, "set_aside": [], "slices": {"uncertain": 4, "audit": 2}}','8589aa6da87fb29e658f94b1781f2c14919c7a3d546add5ba125a659fdc9f17a','1fab6e40f5c228f847f533b894c7698e1f9719d12cd74b100790b9772cd95707');
INSERT INTO "ledger" VALUES(89,'2026-11-30T21:52:48.921761+00:00','pick','rotation','6e4a80c632366ab74717','{"batch_id": 5, "rank": 1, "slice": "uncertain", "reason": "undecided: uncertainty 0.000"}','1fab6e40f5c228f847f533b894c7698e1f9719d12cd74b100790b9772cd95707','7c6ebb0e32c71010456c21784ab49b5b7c0527d41019c53caad8c575f09b7b78');
INSERT INTO "ledger" VALUES(90,'2026-11-30T21:52:48.921761+00:00','pick','rotation','01231811163ed686bbd2','{"batch_id": 5, "rank": 2, "slice": "uncertain", "reason": "undecided: uncertainty 0.000"}','7c6ebb0e32c71010456c21784ab49b5b7c0527d41019c53caad8c575f09b7b78','49ade208fe1ce2eaf30d8bf891e79925d7fadb7f2927e0d91bffcc48ba6c07c9');
INSERT INTO "ledger" VALUES(91,'2026-11-30T21:52:48.921761+00:00','pick','rotation','adbbb71825d8a5862048','{"batch_id": 5, "rank": 3, "slice": "uncertain", "reason": "undecided: uncertainty 0.000"}','49ade208fe1ce2eaf30d8bf891e79925d7fadb7f2927e0d91bffcc48ba6c07c9','645d824dc13b7683c9a9f203d0d56812e6a0883a1540c0bf653c867da85d7daa');
INSERT INTO "ledger" VALUES(92,'2026-11-30T21:52:48.921761+00:00','pick','rotation','e4143afc159741c3fc74','{"batch_id": 5, "rank": 4, "slice": "uncertain", "reason": "undecided: uncertainty 0.000"}','645d824dc13b7683c9a9f203d0d56812e6a0883a1540c0bf653c867da85d7daa','a22bd0d45b76ad157f8265b17d5775e24fe6dec408fb8ea85fb79d0d96e972c4');
INSERT INTO "ledger" VALUES(93,'2026-11-30T21:52:48.921761+00:00','pick','rotation','e5ccd76f3e5218f38092','{"batch_id": 5, "rank": 5, "slice": "audit", "reason": "drawn at random from 2 films nobody has looked at"}','a22bd0d45b76ad157f8265b17d5775e24fe6dec408fb8ea85fb79d0d96e972c4','f1e7da9e54bafc3c169fea2f311ec1729efa315e3331f52047710e5e16677247');
INSERT INTO "ledger" VALUES(94,'2026-11-30T21:52:48.921761+00:00','pick','rotation','ff49d5d0e79c1a78928d','{"batch_id": 5, "rank": 6, "slice": "audit", "reason": "drawn at random from 2 films nobody has looked at"}','f1e7da9e54bafc3c169fea2f311ec1729efa315e3331f52047710e5e16677247','9855c91ad15b3342307879c248ba02aa1fb7d14c098316e49222eae89ef56daf');
CREATE TABLE model_versions (
	detector_task VARCHAR NOT NULL, 
	model_version VARCHAR NOT NULL, 
	trained_at VARCHAR NOT NULL, 
	reviewer_labels INTEGER NOT NULL, 
	judgement JSON NOT NULL, 
	PRIMARY KEY (detector_task, model_version)
);
INSERT INTO "model_versions" VALUES('inversion','tiny-bf88c1efe17c','2026-11-30T21:49:15.126646+00:00',0,'{"publish": true, "reason": "the first version: 0 of 6 sealed views wrong", "champion": null, "sealed_views": 6, "sealed_errors": 0, "champion_sealed_errors": null, "confirmed_bad": 0, "confirmed_found": 0, "contradicted": []}');
INSERT INTO "model_versions" VALUES('rotation','tiny-bf88c1efe17c','2026-11-30T21:49:19.130528+00:00',0,'{"publish": true, "reason": "the first version: 4 of 12 sealed views wrong", "champion": null, "sealed_views": 12, "sealed_errors": 4, "champion_sealed_errors": null, "confirmed_bad": 0, "confirmed_found": 0, "contradicted": []}');
CREATE TABLE picks (
	batch_id INTEGER NOT NULL, 
	radiograph_id VARCHAR NOT NULL, 
	rank INTEGER NOT NULL, 
	slice VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	inclusion FLOAT, 
	PRIMARY KEY (batch_id, radiograph_id), 
	FOREIGN KEY(batch_id) REFERENCES batches (batch_id), 
	FOREIGN KEY(radiograph_id) REFERENCES radiographs (radiograph_id)
);
INSERT INTO "picks" VALUES(1,'620f406a84f85c0a4a9b',1,'likely','probably turned_90: 0.950',NULL);
INSERT INTO "picks" VALUES(1,'d6816a4174a727d017be',2,'likely','probably turned_90: 0.981',NULL);
INSERT INTO "picks" VALUES(1,'08c448c06f7bc8c80091',3,'likely','probably turned_270: 0.911',NULL);
INSERT INTO "picks" VALUES(1,'8c2c805d204f01a0f81e',4,'likely','probably turned_180: 0.885',NULL);
INSERT INTO "picks" VALUES(1,'f0d090ab3ac081099fa1',5,'likely','probably turned_180: 0.856',NULL);
INSERT INTO "picks" VALUES(1,'88a669a06548cdbb2d81',6,'outlier','unlike the rest: stranger than 79.2% of all films',NULL);
INSERT INTO "picks" VALUES(1,'4691b6cf69ae33f3c17f',7,'uncertain','undecided: uncertainty 0.012',NULL);
INSERT INTO "picks" VALUES(1,'1c988411435c980bea28',8,'audit','drawn at random from 17 films nobody has looked at',1.17647058823529410132e-01);
INSERT INTO "picks" VALUES(1,'215b8687a9fbe441ba05',9,'audit','drawn at random from 17 films nobody has looked at',1.17647058823529410132e-01);
INSERT INTO "picks" VALUES(2,'8c2c805d204f01a0f81e',1,'follow_up','found by one look: a second, independent look',NULL);
INSERT INTO "picks" VALUES(2,'08c448c06f7bc8c80091',2,'follow_up','found by one look: a second, independent look',NULL);
INSERT INTO "picks" VALUES(2,'620f406a84f85c0a4a9b',3,'follow_up','found by one look: a second, independent look',NULL);
INSERT INTO "picks" VALUES(2,'d6816a4174a727d017be',4,'follow_up','found by one look: a second, independent look',NULL);
INSERT INTO "picks" VALUES(2,'1c988411435c980bea28',5,'follow_up','found by one look: a second, independent look',NULL);
INSERT INTO "picks" VALUES(2,'f0d090ab3ac081099fa1',6,'follow_up','found by one look: a second, independent look',NULL);
INSERT INTO "picks" VALUES(3,'57a87edfbb3df16801be',1,'uncertain','undecided: uncertainty 0.001',NULL);
INSERT INTO "picks" VALUES(3,'d48f059b9e35190cceeb',2,'uncertain','undecided: uncertainty 0.001',NULL);
INSERT INTO "picks" VALUES(3,'c2ea4655f0601630f8f5',3,'uncertain','undecided: uncertainty 0.001',NULL);
INSERT INTO "picks" VALUES(3,'e952451b6d48738626a6',4,'uncertain','undecided: uncertainty 0.001',NULL);
INSERT INTO "picks" VALUES(3,'6e19ce1ca2097c411aec',5,'uncertain','undecided: uncertainty 0.001',NULL);
INSERT INTO "picks" VALUES(3,'7aa364456aaedf9d133e',6,'uncertain','undecided: uncertainty 0.000',NULL);
INSERT INTO "picks" VALUES(3,'8b99e7dad2c6bbe9b7e0',7,'uncertain','undecided: uncertainty 0.000',NULL);
INSERT INTO "picks" VALUES(3,'41bce2e9b09b2b01fd7a',8,'audit','drawn at random from 8 films nobody has looked at',0.25);
INSERT INTO "picks" VALUES(3,'1e548519923dd0100fe7',9,'audit','drawn at random from 8 films nobody has looked at',0.25);
INSERT INTO "picks" VALUES(4,'08c448c06f7bc8c80091',1,'follow_up','found by one look: a second, independent look',NULL);
INSERT INTO "picks" VALUES(4,'8c2c805d204f01a0f81e',2,'follow_up','found by one look: a second, independent look',NULL);
INSERT INTO "picks" VALUES(4,'8b99e7dad2c6bbe9b7e0',3,'follow_up','found by one look: a second, independent look',NULL);
INSERT INTO "picks" VALUES(5,'6e4a80c632366ab74717',1,'uncertain','undecided: uncertainty 0.000',NULL);
INSERT INTO "picks" VALUES(5,'01231811163ed686bbd2',2,'uncertain','undecided: uncertainty 0.000',NULL);
INSERT INTO "picks" VALUES(5,'adbbb71825d8a5862048',3,'uncertain','undecided: uncertainty 0.000',NULL);
INSERT INTO "picks" VALUES(5,'e4143afc159741c3fc74',4,'uncertain','undecided: uncertainty 0.000',NULL);
INSERT INTO "picks" VALUES(5,'e5ccd76f3e5218f38092',5,'audit','drawn at random from 2 films nobody has looked at',1.0);
INSERT INTO "picks" VALUES(5,'ff49d5d0e79c1a78928d',6,'audit','drawn at random from 2 films nobody has looked at',1.0);
CREATE TABLE pictures (
	shown_id VARCHAR NOT NULL, 
	radiograph_id VARCHAR NOT NULL, 
	change JSON, 
	recipe VARCHAR NOT NULL, 
	made_at VARCHAR NOT NULL, 
	removed_at VARCHAR, 
	normalisation JSON NOT NULL, 
	thumb_px INTEGER NOT NULL, 
	large_px INTEGER NOT NULL, 
	thumb_sha256 VARCHAR NOT NULL, 
	large_sha256 VARCHAR NOT NULL, 
	PRIMARY KEY (shown_id), 
	FOREIGN KEY(radiograph_id) REFERENCES radiographs (radiograph_id)
);
INSERT INTO "pictures" VALUES('215b8687a9fbe441ba05','215b8687a9fbe441ba05','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:18.865466+00:00','2026-11-30T21:52:23.875033+00:00','[]',256,256,'e9e68a156f717c0adb8d21b5e760144d22e98c3fdc709005c34bb5b588f5f475','44c3d25ab1aae813d8991a8957fc92d994a5ea01ea407185c34dacd859a441d2');
INSERT INTO "pictures" VALUES('4691b6cf69ae33f3c17f','4691b6cf69ae33f3c17f','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:18.874691+00:00','2026-11-30T21:52:23.875033+00:00','[]',274,274,'03f1b53bb082d64df706060672bb01387aeca1ed872ff15ef0e70b6dcaa6c183','13a09e9cdd1fbba454bf2bb7991ae54b26da2d2ca88291fd8a4b44f752b04e81');
INSERT INTO "pictures" VALUES('88a669a06548cdbb2d81','88a669a06548cdbb2d81','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:18.886715+00:00','2026-11-30T21:52:23.875033+00:00','[]',271,271,'d4a0e2b2f758fb84e31e3908af68c223fe99c0c5cd02e9e544630451ba4c02b7','bfe44bd70801903f5d2b07e9214a3d561cc2501535f1d7f8343901e53e5b571d');
INSERT INTO "pictures" VALUES('620f406a84f85c0a4a9b','620f406a84f85c0a4a9b','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:30.534707+00:00','2026-11-30T21:52:40.406980+00:00','[]',271,271,'5ceebe94f10f4232b1f2834454577b53424158696512e5a564a05feba258fd9d','9fa17e798209e4162871c01e1a7f1e941bd23e9e8c3a360ffde87d2d7d2d0e43');
INSERT INTO "pictures" VALUES('d6816a4174a727d017be','d6816a4174a727d017be','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:30.570793+00:00','2026-11-30T21:52:40.406980+00:00','[]',270,270,'7a3770d2c5915df0097bef361b78eb4cf3d57ae1edefd53d90788ae0232a1a29','b7970c2d2e4da3ef51d78fb07dc5f4ead05a9b0d15b680eb9de64c3a02de99e9');
INSERT INTO "pictures" VALUES('1c988411435c980bea28','1c988411435c980bea28','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:30.598785+00:00','2026-11-30T21:52:40.406980+00:00','[]',256,256,'845a1e61a804aec71ee193f0002b33521e6a05d945c72f78c6d7ad1677ae225f','cfc8d227e010e98137790b7a6dd6755408acaa540b970085caa80244030b4544');
INSERT INTO "pictures" VALUES('f0d090ab3ac081099fa1','f0d090ab3ac081099fa1','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:30.614811+00:00','2026-11-30T21:52:40.406980+00:00','[]',285,285,'3dc3bcc58e7042953c7abab11814bda05d217e7d2529ae190a44a856089a772b','fabbd693c094c30ca599ca6208222d8cd3a1eb4eb25e32c2ba1e3afa019ad358');
INSERT INTO "pictures" VALUES('1e548519923dd0100fe7','1e548519923dd0100fe7','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:31.294754+00:00','2026-11-30T21:52:40.406980+00:00','[]',256,256,'c8b64afd4e07288dcdcd9bb43b609ab4614cc90a1b38877f96cef2ec7cfde26b','9f89c5325a92af96dfe6c997c7262a83183f3ac3cc4b40e467babdaaf2f03928');
INSERT INTO "pictures" VALUES('41bce2e9b09b2b01fd7a','41bce2e9b09b2b01fd7a','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:31.330929+00:00','2026-11-30T21:52:40.406980+00:00','[]',275,275,'03237acc9ef32db40f72b103b9309a0cb5ad1f2b819378c8f5b6455a4f8deab3','7b08b04b112693b65f9e39c653a2c9e5f2a9af14cc9001fd7a1784444c8e7705');
INSERT INTO "pictures" VALUES('57a87edfbb3df16801be','57a87edfbb3df16801be','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:31.354947+00:00','2026-11-30T21:52:40.406980+00:00','[]',268,268,'b9f090e5bbe20834f2ffca0f4bdc7e52659ff27427c69afc5db9a23e2687907f','3b7a40ad20a04524a8d80a8f59911aefa2b4f0a2ca80439ea8bdd49c618222a2');
INSERT INTO "pictures" VALUES('6e19ce1ca2097c411aec','6e19ce1ca2097c411aec','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:31.382232+00:00','2026-11-30T21:52:40.406980+00:00','[]',256,256,'7c825f3413b362d1f0c1a3920f4aec523666386a3a61dc2fdadc0b741c464b0e','0c307a9a9cc9c9013a59d86c75eb6c6b12d8a2f8e15f27274c98a9833b5298e4');
INSERT INTO "pictures" VALUES('7aa364456aaedf9d133e','7aa364456aaedf9d133e','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:31.434881+00:00','2026-11-30T21:52:40.406980+00:00','[]',256,256,'0c388012bce150828f2317488af9d6ab73a5a00dce77b54c7310cbddeed6015d','7b6336e2321042c3b654d021969eba55b5747f5acf469a7bd9a1b9ff9996fed7');
INSERT INTO "pictures" VALUES('c2ea4655f0601630f8f5','c2ea4655f0601630f8f5','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:31.470939+00:00','2026-11-30T21:52:40.406980+00:00','[]',256,256,'d9bf5c6c951680aba06fd53be93ddee7121d88877622560febee477208361aa4','828958d983fd22b27e828d131fb57d985fd6e9d0a902f64e191f1f9a019415ec');
INSERT INTO "pictures" VALUES('d48f059b9e35190cceeb','d48f059b9e35190cceeb','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:31.486835+00:00','2026-11-30T21:52:40.406980+00:00','[]',277,277,'11981c40444e7bd742d43acbb39a1a4947da2f9b18b44ae8aca97d5784565308','c496b7a63604d3e33462a6ddc6c748258105bc7c2f798b7a5164036c973d5506');
INSERT INTO "pictures" VALUES('e952451b6d48738626a6','e952451b6d48738626a6','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:31.500191+00:00','2026-11-30T21:52:40.406980+00:00','[]',279,279,'a274f408442309b99bfc1f1b653d15236ad8f8862c6610666923267bcc8a29ef','c6c33d0a8ff44197c4a7824b4aeed7c890cad20853d2a59e4e8f7334e566c4b8');
INSERT INTO "pictures" VALUES('12e7d863d5c6dd70ff4a','4691b6cf69ae33f3c17f','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:31.532517+00:00','2026-11-30T21:52:40.406980+00:00','[]',274,274,'03f1b53bb082d64df706060672bb01387aeca1ed872ff15ef0e70b6dcaa6c183','13a09e9cdd1fbba454bf2bb7991ae54b26da2d2ca88291fd8a4b44f752b04e81');
INSERT INTO "pictures" VALUES('08c448c06f7bc8c80091','08c448c06f7bc8c80091','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:47.086756+00:00',NULL,'[]',285,285,'0cd1864269b729a503d0cba23a0a33688d636e3958dd70d1050ca4b285ed6495','10960e103b115912161f44b76014f4930cf1f148142bf0e6435daf198608f6c0');
INSERT INTO "pictures" VALUES('8c2c805d204f01a0f81e','8c2c805d204f01a0f81e','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:47.102940+00:00',NULL,'[]',256,256,'fc41a2ba9886416ff4434cc874be4ba4ec84b79fa73a6044e5e0867323166c96','58272cd2aac74c2475f573e2a5f1211498ac79da80c1f1955f3ecb5643d9a4ac');
INSERT INTO "pictures" VALUES('8b99e7dad2c6bbe9b7e0','8b99e7dad2c6bbe9b7e0','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:47.119200+00:00',NULL,'[]',281,281,'cc60dfa2f7e5211db649de7e5cf8e2cf78450beb2eace9202a12e497b843c05f','eb52e6cb136a2f242f840e804485d0459a3c894f36855ccccef75e275fb5c83d');
INSERT INTO "pictures" VALUES('01231811163ed686bbd2','01231811163ed686bbd2','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:48.992409+00:00',NULL,'[]',286,286,'2900e298886e96569d8f85ff9d32ca7685318f1a8d1109ddae11ff14cf50cad4','e5e3b3cb1f15fb96b65ff924becd8509f7e0afa6f9e2c3f473e0de2d30a80f1d');
INSERT INTO "pictures" VALUES('6e4a80c632366ab74717','6e4a80c632366ab74717','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:49.003031+00:00',NULL,'[]',283,283,'4876c685e68fe8fcd515a99ba5e54fdb99792b988344b45e7a803d760cd20377','f725605e0c1bd309701f64d345babc3f13e5b2b62ebdf73534364894cc6594d2');
INSERT INTO "pictures" VALUES('adbbb71825d8a5862048','adbbb71825d8a5862048','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:49.019990+00:00',NULL,'[]',283,283,'625afb5333c5ade4218301de220fe55262e000bf31be5bf7997a79df3e8dd0d3','7d7233d980e4f7bd665af9f224ae786d6ac0d93a6c596d2773701bbd76a62685');
INSERT INTO "pictures" VALUES('e4143afc159741c3fc74','e4143afc159741c3fc74','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:49.036207+00:00',NULL,'[]',256,256,'41464286de9e173e5294f0906d0eed9a1f891504475be0f4035ae0eb7040b7a0','4dab38194735f0d8bdfd3e966e651c87b784efc5537059ce607062cc2caef6ad');
INSERT INTO "pictures" VALUES('e5ccd76f3e5218f38092','e5ccd76f3e5218f38092','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:49.044065+00:00',NULL,'[]',256,256,'b3c9cbbea5afb24d6a136a64101875852853f67fa1f826978031cb3e48e4cad1','5630ea744e05125d55df1076664c75ba270c022ef065dc6492dc66d2d86181bb');
INSERT INTO "pictures" VALUES('ff49d5d0e79c1a78928d','ff49d5d0e79c1a78928d','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:52:49.074932+00:00',NULL,'[]',273,273,'75e87122738989132c74a5c33166ebc1a17c7bfad0c21ea226f2e31c918c958d','5f42ea2a2456af3089e995efdca2d14e28139c6b681f9e54170c300557a0e4ed');
CREATE TABLE projects (
	detector_task VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	label_studio_url VARCHAR NOT NULL, 
	project_id INTEGER NOT NULL, 
	PRIMARY KEY (detector_task, kind, label_studio_url)
);
INSERT INTO "projects" VALUES('inversion','sheet','http://127.0.0.1:39061',1);
INSERT INTO "projects" VALUES('inversion','single','http://127.0.0.1:39061',2);
INSERT INTO "projects" VALUES('rotation','sheet','http://127.0.0.1:39061',3);
INSERT INTO "projects" VALUES('rotation','single','http://127.0.0.1:39061',4);
CREATE TABLE publications (
	id INTEGER NOT NULL, 
	detector_task VARCHAR NOT NULL, 
	model_version VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	published_at VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "publications" VALUES(1,'inversion','tiny-bf88c1efe17c','first','2026-11-30T21:49:16.179854+00:00');
INSERT INTO "publications" VALUES(2,'rotation','tiny-bf88c1efe17c','first','2026-11-30T21:49:20.161652+00:00');
CREATE TABLE radiographs (
	radiograph_id VARCHAR NOT NULL, 
	thumbnail_row INTEGER NOT NULL, 
	width_px INTEGER NOT NULL, 
	height_px INTEGER NOT NULL, 
	file_format VARCHAR NOT NULL, 
	normalisation JSON NOT NULL, 
	dicom_tags JSON NOT NULL, 
	patient_key VARCHAR NOT NULL, 
	patient_source VARCHAR NOT NULL, 
	age_years FLOAT, 
	sex VARCHAR, 
	view_position VARCHAR, 
	indexed_at VARCHAR NOT NULL, 
	study_key VARCHAR, 
	PRIMARY KEY (radiograph_id), 
	UNIQUE (thumbnail_row)
);
INSERT INTO "radiographs" VALUES('e952451b6d48738626a6',0,279,256,'PNG','[]','{}','f2767ce8c4bdc85831142c38','metadata',28.0,'M','PA','2026-11-30T21:47:36.173359+00:00','');
INSERT INTO "radiographs" VALUES('88a669a06548cdbb2d81',1,271,256,'PNG','[]','{}','f2767ce8c4bdc85831142c38','metadata',28.0,'M','PA','2026-11-30T21:47:36.216682+00:00','');
INSERT INTO "radiographs" VALUES('57a87edfbb3df16801be',2,268,256,'PNG','[]','{}','f03fc3ddbf7cd2e7e6323d05','metadata',69.0,'M','AP','2026-11-30T21:47:36.231180+00:00','');
INSERT INTO "radiographs" VALUES('08c448c06f7bc8c80091',3,256,285,'PNG','[]','{}','f03fc3ddbf7cd2e7e6323d05','metadata',69.0,'M','AP','2026-11-30T21:47:36.239663+00:00','');
INSERT INTO "radiographs" VALUES('f0d090ab3ac081099fa1',4,285,256,'PNG','[]','{}','bc5e1175065b0dd849d2455c','metadata',89.0,'M','PA','2026-11-30T21:47:36.251200+00:00','');
INSERT INTO "radiographs" VALUES('e5ccd76f3e5218f38092',5,246,256,'PNG','[]','{}','9affe94a0fd957f5e63ec744','metadata',33.0,'M','PA','2026-11-30T21:47:36.266924+00:00','');
INSERT INTO "radiographs" VALUES('d6816a4174a727d017be',6,256,270,'PNG','[]','{}','9affe94a0fd957f5e63ec744','metadata',33.0,'M','PA','2026-11-30T21:47:36.275199+00:00','');
INSERT INTO "radiographs" VALUES('8c2c805d204f01a0f81e',7,242,256,'PNG','[]','{}','9affe94a0fd957f5e63ec744','metadata',33.0,'M','AP','2026-11-30T21:47:36.287202+00:00','');
INSERT INTO "radiographs" VALUES('215b8687a9fbe441ba05',8,244,256,'PNG','[]','{}','931ddd51b1057cf19f332212','metadata',24.0,'F','AP','2026-11-30T21:47:36.295016+00:00','');
INSERT INTO "radiographs" VALUES('7aa364456aaedf9d133e',9,224,256,'PNG','[]','{}','37a9afae3374a9f99aef7dbf','metadata',53.0,'M','AP','2026-11-30T21:47:36.315162+00:00','');
INSERT INTO "radiographs" VALUES('8b99e7dad2c6bbe9b7e0',10,281,256,'PNG','[]','{}','db03fea15d37b6971809f1de','metadata',90.0,'F','AP','2026-11-30T21:47:36.317168+00:00','');
INSERT INTO "radiographs" VALUES('41bce2e9b09b2b01fd7a',11,275,256,'PNG','[]','{}','db03fea15d37b6971809f1de','metadata',90.0,'F','PA','2026-11-30T21:47:36.318445+00:00','');
INSERT INTO "radiographs" VALUES('d48f059b9e35190cceeb',12,277,256,'PNG','[]','{}','db03fea15d37b6971809f1de','metadata',90.0,'F','AP','2026-11-30T21:47:36.343169+00:00','');
INSERT INTO "radiographs" VALUES('1c988411435c980bea28',13,235,256,'PNG','[]','{}','4dde4b4acfabd43ae9fb08cf','metadata',21.0,'M','PA','2026-11-30T21:47:36.351101+00:00','');
INSERT INTO "radiographs" VALUES('01231811163ed686bbd2',14,286,256,'PNG','[]','{}','4dde4b4acfabd43ae9fb08cf','metadata',21.0,'M','PA','2026-11-30T21:47:36.363254+00:00','');
INSERT INTO "radiographs" VALUES('4691b6cf69ae33f3c17f',15,274,256,'PNG','[]','{}','0e6319e4ab56b995a1c743af','metadata',31.0,'M','PA','2026-11-30T21:47:36.379157+00:00','');
INSERT INTO "radiographs" VALUES('6e19ce1ca2097c411aec',16,241,256,'PNG','[]','{}','0e6319e4ab56b995a1c743af','metadata',31.0,'M','PA','2026-11-30T21:47:36.388066+00:00','');
INSERT INTO "radiographs" VALUES('6e4a80c632366ab74717',17,283,256,'PNG','[]','{}','0e6319e4ab56b995a1c743af','metadata',31.0,'M','PA','2026-11-30T21:47:36.403131+00:00','');
INSERT INTO "radiographs" VALUES('adbbb71825d8a5862048',18,283,256,'PNG','[]','{}','851265d550eb3d65fe58cb92','metadata',22.0,'F','PA','2026-11-30T21:47:36.415150+00:00','');
INSERT INTO "radiographs" VALUES('1e548519923dd0100fe7',19,231,256,'PNG','[]','{}','87e3daa8bde4de3a08a783ea','metadata',56.0,'M','PA','2026-11-30T21:47:36.417562+00:00','');
INSERT INTO "radiographs" VALUES('ff49d5d0e79c1a78928d',20,273,256,'PNG','[]','{}','87e3daa8bde4de3a08a783ea','metadata',56.0,'M','PA','2026-11-30T21:47:36.427714+00:00','');
INSERT INTO "radiographs" VALUES('e4143afc159741c3fc74',21,248,256,'PNG','[]','{}','87e3daa8bde4de3a08a783ea','metadata',56.0,'M','PA','2026-11-30T21:47:36.429566+00:00','');
INSERT INTO "radiographs" VALUES('620f406a84f85c0a4a9b',22,256,271,'PNG','[]','{}','9916dfaaafe8af04bf4a97a4','metadata',23.0,'M','PA','2026-11-30T21:47:36.435505+00:00','');
INSERT INTO "radiographs" VALUES('c2ea4655f0601630f8f5',23,226,256,'PNG','[]','{}','d4064d0cf7c0b386cac07e66','metadata',18.0,'F','PA','2026-11-30T21:47:36.436932+00:00','');
CREATE TABLE sealed_films (
	radiograph_id VARCHAR NOT NULL, 
	patient_key VARCHAR NOT NULL, 
	sealed_at VARCHAR NOT NULL, 
	PRIMARY KEY (radiograph_id, patient_key), 
	FOREIGN KEY(radiograph_id) REFERENCES radiographs (radiograph_id)
);
INSERT INTO "sealed_films" VALUES('8c2c805d204f01a0f81e','9affe94a0fd957f5e63ec744','2026-11-30T21:47:36.609334+00:00');
INSERT INTO "sealed_films" VALUES('d6816a4174a727d017be','9affe94a0fd957f5e63ec744','2026-11-30T21:47:36.609334+00:00');
INSERT INTO "sealed_films" VALUES('e5ccd76f3e5218f38092','9affe94a0fd957f5e63ec744','2026-11-30T21:47:36.609334+00:00');
CREATE INDEX ix_radiographs_patient_key ON radiographs (patient_key);
CREATE INDEX ix_radiographs_study_key ON radiographs (study_key);
CREATE INDEX ix_publications_detector_task ON publications (detector_task);
CREATE INDEX ix_batches_detector_task ON batches (detector_task);
CREATE INDEX ix_items_batch_id ON items (batch_id);
CREATE INDEX ix_items_detector_task ON items (detector_task);
CREATE INDEX ix_answers_item_key ON answers (item_key);
CREATE INDEX ix_answers_annotation ON answers (annotation);
CREATE INDEX ix_answers_detector_task ON answers (detector_task);
CREATE INDEX ix_ledger_kind ON ledger (kind);
CREATE INDEX ix_ledger_radiograph_id ON ledger (radiograph_id);
CREATE INDEX ix_files_radiograph_id ON files (radiograph_id);
CREATE INDEX ix_labels_detector_task ON labels (detector_task);
CREATE INDEX ix_labels_radiograph_id ON labels (radiograph_id);
CREATE INDEX ix_labels_annotation ON labels (annotation);
CREATE INDEX ix_pictures_radiograph_id ON pictures (radiograph_id);
CREATE INDEX ix_boxes_label_id ON boxes (label_id);
COMMIT;
