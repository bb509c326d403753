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
INSERT INTO "answers" VALUES(1,'1-2bf968f6fbee4677cadc',3,'rotation','1-2bf968f6fbee4677cadc/1','2026-11-30T21:46:18.387640Z','user 1','2026-11-30T21:46:21.188674+00:00',60.0,'counted','["8c2c805d204f01a0f81e"]','{"8c2c805d204f01a0f81e": "not turned_180"}','null','2026-11-30T21:46:23.699710+00:00');
INSERT INTO "answers" VALUES(2,'1-fbb0df65c38cd3f27d7f',3,'rotation','1-fbb0df65c38cd3f27d7f/2','2026-11-30T21:46:18.821724Z','user 1','2026-11-30T21:46:21.226017+00:00',60.0,'counted','["08c448c06f7bc8c80091"]','{"08c448c06f7bc8c80091": "not turned_270"}','null',NULL);
INSERT INTO "answers" VALUES(3,'1-b756f07446350fc1969a',3,'rotation','1-b756f07446350fc1969a/3','2026-11-30T21:46:19.229191Z','user 1','2026-11-30T21:46:21.257345+00:00',60.0,'counted','["4691b6cf69ae33f3c17f", "620f406a84f85c0a4a9b", "88a669a06548cdbb2d81", "c2ea4655f0601630f8f5", "d6816a4174a727d017be", "f0d090ab3ac081099fa1"]','{"4691b6cf69ae33f3c17f": "not upright", "620f406a84f85c0a4a9b": "upright", "88a669a06548cdbb2d81": "upright", "c2ea4655f0601630f8f5": "upright", "d6816a4174a727d017be": "upright", "f0d090ab3ac081099fa1": "upright"}','null',NULL);
INSERT INTO "answers" VALUES(4,'1-ec5dfbed72d9f767f382',3,'rotation','1-ec5dfbed72d9f767f382/4','2026-11-30T21:46:19.669366Z','user 1','2026-11-30T21:46:21.274311+00:00',60.0,'counted','["ff49d5d0e79c1a78928d"]','{"ff49d5d0e79c1a78928d": "not upright"}','null',NULL);
INSERT INTO "answers" VALUES(5,'1-2bf968f6fbee4677cadc',3,'rotation','1-2bf968f6fbee4677cadc/5','2026-11-30T21:46:24.125510Z','user 1','2026-11-30T21:46:25.801891+00:00',60.0,'counted','["8c2c805d204f01a0f81e"]','{"8c2c805d204f01a0f81e": "turned_180"}','null',NULL);
INSERT INTO "answers" VALUES(6,'3-0c3c1747cfb5e0b7db6d',3,'rotation','3-0c3c1747cfb5e0b7db6d/11','2026-11-30T21:46:33.979168Z','user 1','2026-11-30T21:46:35.758840+00:00',60.0,'counted','["d48f059b9e35190cceeb", "e4143afc159741c3fc74", "e5ccd76f3e5218f38092", "e952451b6d48738626a6"]','{"d48f059b9e35190cceeb": "not upright", "e4143afc159741c3fc74": "upright", "e5ccd76f3e5218f38092": "upright", "e952451b6d48738626a6": "upright"}','null',NULL);
INSERT INTO "answers" VALUES(7,'3-0009100db96abafbc54d',3,'rotation','3-0009100db96abafbc54d/10','2026-11-30T21:46:33.508336Z','user 1','2026-11-30T21:46:35.776516+00:00',60.0,'counted','["01231811163ed686bbd2", "1c988411435c980bea28", "1e548519923dd0100fe7", "41bce2e9b09b2b01fd7a", "6e19ce1ca2097c411aec"]','{"01231811163ed686bbd2": "not upright", "1c988411435c980bea28": "upright", "1e548519923dd0100fe7": "upright", "41bce2e9b09b2b01fd7a": "upright", "6e19ce1ca2097c411aec": "upright"}','null',NULL);
INSERT INTO "answers" VALUES(8,'2-b5fb9a6cdc9e63fdb555',4,'rotation','2-b5fb9a6cdc9e63fdb555/8','2026-11-30T21:46:32.563981Z','user 1','2026-11-30T21:46:36.301886+00:00',60.0,'counted','["8c2c805d204f01a0f81e"]','{"8c2c805d204f01a0f81e": "turned_90"}','null',NULL);
INSERT INTO "answers" VALUES(9,'2-831574f5c932f4db8dcc',4,'rotation','2-831574f5c932f4db8dcc/6','2026-11-30T21:46:31.857541Z','user 1','2026-11-30T21:46:36.317592+00:00',60.0,'counted','["08c448c06f7bc8c80091"]','{"08c448c06f7bc8c80091": "turned_90"}','null','2026-11-30T21:46:38.937861+00:00');
INSERT INTO "answers" VALUES(10,'2-75a962a7cb7ae193dd45',4,'rotation','2-75a962a7cb7ae193dd45/7','2026-11-30T21:46:32.255191Z','user 1','2026-11-30T21:46:36.335429+00:00',60.0,'counted','["4691b6cf69ae33f3c17f"]','{"4691b6cf69ae33f3c17f": "turned_90"}','null',NULL);
INSERT INTO "answers" VALUES(11,'2-861f2cd9d50b975eb646',4,'rotation','2-861f2cd9d50b975eb646/9','2026-11-30T21:46:33.060979Z','user 1','2026-11-30T21:46:36.345169+00:00',60.0,'counted','["ff49d5d0e79c1a78928d"]','{"ff49d5d0e79c1a78928d": "turned_90"}','null',NULL);
INSERT INTO "answers" VALUES(12,'2-831574f5c932f4db8dcc',4,'rotation','2-831574f5c932f4db8dcc/12','2026-11-30T21:46:39.056293Z','user 1','2026-11-30T21:46:41.169468+00:00',60.0,'counted','["08c448c06f7bc8c80091"]','{"08c448c06f7bc8c80091": "turned_90"}','null',NULL);
CREATE TABLE batches (
	batch_id INTEGER NOT NULL, 
	detector_task VARCHAR NOT NULL, 
	model_version VARCHAR NOT NULL, 
	seed BIGINT NOT NULL, 
	created_at VARCHAR NOT NULL, 
	films INTEGER, 
	drawn_from INTEGER, 
	set_aside JSON, 
	PRIMARY KEY (batch_id)
);
INSERT INTO "batches" VALUES(1,'rotation','tiny-d76af2d86f1e',118798135853055,'2026-11-30T21:46:17.153377+00:00',24,17,'[]');
INSERT INTO "batches" VALUES(2,'rotation','tiny-d76af2d86f1e',0,'2026-11-30T21:46:26.908499+00:00',NULL,NULL,'[]');
INSERT INTO "batches" VALUES(3,'rotation','tiny-d76af2d86f1e',120734515725357,'2026-11-30T21:46:29.667709+00:00',24,8,'[]');
INSERT INTO "batches" VALUES(4,'rotation','tiny-d76af2d86f1e',0,'2026-11-30T21:46:42.127787+00:00',NULL,NULL,'[]');
INSERT INTO "batches" VALUES(5,'rotation','tiny-d76af2d86f1e',1164244009224,'2026-11-30T21:46:43.051088+00:00',24,2,'[]');
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
INSERT INTO "boxes" VALUES(1,25,'left_hip',0.1,0.2,0.3,0.25);
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
INSERT INTO "files" VALUES('/phantoms/phantom_0001.png','e952451b6d48738626a6',50275,1796074914999879719,NULL,'2026-11-30T21:41:55.956718+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0002.png','88a669a06548cdbb2d81',43718,1796074915038812014,NULL,'2026-11-30T21:41:55.975954+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0003.png','57a87edfbb3df16801be',43786,1796074915068260565,NULL,'2026-11-30T21:41:55.977267+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0004.png','08c448c06f7bc8c80091',47624,1796074915094323122,NULL,'2026-11-30T21:41:55.978358+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0005.png','f0d090ab3ac081099fa1',52322,1796074915118388530,NULL,'2026-11-30T21:41:56.001659+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0006.png','e5ccd76f3e5218f38092',41233,1796074915150417190,NULL,'2026-11-30T21:41:56.011059+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0007.png','d6816a4174a727d017be',47772,1796074915178685778,NULL,'2026-11-30T21:41:56.019199+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0008.png','8c2c805d204f01a0f81e',37770,1796074915197391384,NULL,'2026-11-30T21:41:56.031125+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0009.png','215b8687a9fbe441ba05',42027,1796074915227596338,NULL,'2026-11-30T21:41:56.039087+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0010.png','7aa364456aaedf9d133e',41298,1796074915249775934,NULL,'2026-11-30T21:41:56.050098+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0011.png','8b99e7dad2c6bbe9b7e0',45171,1796074915283229455,NULL,'2026-11-30T21:41:56.051413+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0012.png','41bce2e9b09b2b01fd7a',50599,1796074915302061558,NULL,'2026-11-30T21:41:56.067942+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0013.png','d48f059b9e35190cceeb',39506,1796074915330260085,NULL,'2026-11-30T21:41:56.068925+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0014.png','1c988411435c980bea28',38661,1796074915358075215,NULL,'2026-11-30T21:41:56.069774+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0015.png','01231811163ed686bbd2',42569,1796074915382030066,NULL,'2026-11-30T21:41:56.088132+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0016.png','4691b6cf69ae33f3c17f',44404,1796074915414194661,NULL,'2026-11-30T21:41:56.098992+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0017.png','6e19ce1ca2097c411aec',44985,1796074915441399852,NULL,'2026-11-30T21:41:56.105396+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0018.png','6e4a80c632366ab74717',40562,1796074915468517931,NULL,'2026-11-30T21:41:56.119008+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0019.png','adbbb71825d8a5862048',45176,1796074915489866584,NULL,'2026-11-30T21:41:56.121325+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0020.png','1e548519923dd0100fe7',41723,1796074915517164859,NULL,'2026-11-30T21:41:56.122293+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0021.png','ff49d5d0e79c1a78928d',47807,1796074915556239549,NULL,'2026-11-30T21:41:56.131647+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0022.png','e4143afc159741c3fc74',43400,1796074915588035105,NULL,'2026-11-30T21:41:56.133010+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0023.png','620f406a84f85c0a4a9b',46208,1796074915624991078,NULL,'2026-11-30T21:41:56.134102+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0024.png','c2ea4655f0601630f8f5',39136,1796074915653158999,NULL,'2026-11-30T21:41:56.143405+00:00');
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
INSERT INTO "items" VALUES('1-2bf968f6fbee4677cadc',3,1,1,'rotation',0,'sheet','turned_180','["8c2c805d204f01a0f81e"]','2026-11-30T21:46:17.605336+00:00','2026-11-30T21:46:25.805901+00:00','',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('1-fbb0df65c38cd3f27d7f',3,2,1,'rotation',1,'sheet','turned_270','["08c448c06f7bc8c80091"]','2026-11-30T21:46:17.606780+00:00','2026-11-30T21:46:21.294076+00:00','',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('1-b756f07446350fc1969a',3,3,1,'rotation',2,'sheet','upright','["4691b6cf69ae33f3c17f", "620f406a84f85c0a4a9b", "88a669a06548cdbb2d81", "c2ea4655f0601630f8f5", "d6816a4174a727d017be", "f0d090ab3ac081099fa1"]','2026-11-30T21:46:17.607187+00:00','2026-11-30T21:46:21.303452+00:00','',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('1-ec5dfbed72d9f767f382',3,4,1,'rotation',3,'sheet','upright','["ff49d5d0e79c1a78928d"]','2026-11-30T21:46:17.607559+00:00','2026-11-30T21:46:21.304535+00:00','',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('2-831574f5c932f4db8dcc',4,6,2,'rotation',0,'single','','["08c448c06f7bc8c80091"]','2026-11-30T21:46:27.428156+00:00','2026-11-30T21:46:41.176035+00:00','second',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('2-75a962a7cb7ae193dd45',4,7,2,'rotation',1,'single','','["4691b6cf69ae33f3c17f"]','2026-11-30T21:46:27.429113+00:00','2026-11-30T21:46:36.356546+00:00','second',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('2-b5fb9a6cdc9e63fdb555',4,5,2,'rotation',2,'single','','["8c2c805d204f01a0f81e"]','2026-11-30T21:46:27.429929+00:00','2026-11-30T21:46:36.357086+00:00','second',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('2-861f2cd9d50b975eb646',4,8,2,'rotation',3,'single','','["ff49d5d0e79c1a78928d"]','2026-11-30T21:46:27.438875+00:00','2026-11-30T21:46:36.357519+00:00','second',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('3-0009100db96abafbc54d',3,10,3,'rotation',0,'sheet','upright','["01231811163ed686bbd2", "1c988411435c980bea28", "1e548519923dd0100fe7", "41bce2e9b09b2b01fd7a", "6e19ce1ca2097c411aec"]','2026-11-30T21:46:30.411903+00:00','2026-11-30T21:46:35.788148+00:00','',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('3-0c3c1747cfb5e0b7db6d',3,9,3,'rotation',1,'sheet','upright','["d48f059b9e35190cceeb", "e4143afc159741c3fc74", "e5ccd76f3e5218f38092", "e952451b6d48738626a6"]','2026-11-30T21:46:30.412818+00:00','2026-11-30T21:46:35.788792+00:00','',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('4-831574f5c932f4db8dcc',4,11,4,'rotation',0,'single','','["08c448c06f7bc8c80091"]','2026-11-30T21:46:42.703967+00:00',NULL,'second',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('4-18a950f7da4fd72d9ae0',4,13,4,'rotation',1,'single','','["01231811163ed686bbd2"]','2026-11-30T21:46:42.705058+00:00',NULL,'second',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('4-e3fd83aaff5d69b392db',4,12,4,'rotation',2,'single','','["d48f059b9e35190cceeb"]','2026-11-30T21:46:42.705580+00:00',NULL,'second',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('5-d9f91e56f33683552301',3,15,5,'rotation',0,'sheet','upright','["215b8687a9fbe441ba05", "57a87edfbb3df16801be", "6e4a80c632366ab74717", "7aa364456aaedf9d133e", "8b99e7dad2c6bbe9b7e0"]','2026-11-30T21:46:43.605836+00:00',NULL,'',NULL,'{}',NULL,NULL);
INSERT INTO "items" VALUES('5-83d8969d6932c0bbf545',3,14,5,'rotation',1,'sheet','upright','["adbbb71825d8a5862048"]','2026-11-30T21:46:43.607061+00:00',NULL,'',NULL,'{}',NULL,NULL);
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
INSERT INTO "labels" VALUES(1,'8c2c805d204f01a0f81e','rotation','turned_180',1,'REVIEWER','user 1','2026-11-30T21:46:18.387640Z','2026-11-30T21:46:21.153715+00:00','1-2bf968f6fbee4677cadc/1','2026-11-30T21:46:18.387640Z','2026-11-30T21:46:23.711243+00:00',NULL,NULL);
INSERT INTO "labels" VALUES(2,'08c448c06f7bc8c80091','rotation','turned_270',1,'REVIEWER','user 1','2026-11-30T21:46:18.821724Z','2026-11-30T21:46:21.213492+00:00','1-fbb0df65c38cd3f27d7f/2','2026-11-30T21:46:18.821724Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(3,'4691b6cf69ae33f3c17f','rotation','upright',1,'REVIEWER','user 1','2026-11-30T21:46:19.229191Z','2026-11-30T21:46:21.234431+00:00','1-b756f07446350fc1969a/3','2026-11-30T21:46:19.229191Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(4,'620f406a84f85c0a4a9b','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:46:19.229191Z','2026-11-30T21:46:21.234431+00:00','1-b756f07446350fc1969a/3','2026-11-30T21:46:19.229191Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(5,'88a669a06548cdbb2d81','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:46:19.229191Z','2026-11-30T21:46:21.234431+00:00','1-b756f07446350fc1969a/3','2026-11-30T21:46:19.229191Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(6,'c2ea4655f0601630f8f5','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:46:19.229191Z','2026-11-30T21:46:21.234431+00:00','1-b756f07446350fc1969a/3','2026-11-30T21:46:19.229191Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(7,'d6816a4174a727d017be','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:46:19.229191Z','2026-11-30T21:46:21.234431+00:00','1-b756f07446350fc1969a/3','2026-11-30T21:46:19.229191Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(8,'f0d090ab3ac081099fa1','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:46:19.229191Z','2026-11-30T21:46:21.234431+00:00','1-b756f07446350fc1969a/3','2026-11-30T21:46:19.229191Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(9,'ff49d5d0e79c1a78928d','rotation','upright',1,'REVIEWER','user 1','2026-11-30T21:46:19.669366Z','2026-11-30T21:46:21.265687+00:00','1-ec5dfbed72d9f767f382/4','2026-11-30T21:46:19.669366Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(10,'8c2c805d204f01a0f81e','rotation','turned_180',0,'REVIEWER','user 1','2026-11-30T21:46:24.125510Z','2026-11-30T21:46:25.799955+00:00','1-2bf968f6fbee4677cadc/5','2026-11-30T21:46:24.125510Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(11,'d48f059b9e35190cceeb','rotation','upright',1,'REVIEWER','user 1','2026-11-30T21:46:33.979168Z','2026-11-30T21:46:35.748729+00:00','3-0c3c1747cfb5e0b7db6d/11','2026-11-30T21:46:33.979168Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(12,'e4143afc159741c3fc74','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:46:33.979168Z','2026-11-30T21:46:35.748729+00:00','3-0c3c1747cfb5e0b7db6d/11','2026-11-30T21:46:33.979168Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(13,'e5ccd76f3e5218f38092','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:46:33.979168Z','2026-11-30T21:46:35.748729+00:00','3-0c3c1747cfb5e0b7db6d/11','2026-11-30T21:46:33.979168Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(14,'e952451b6d48738626a6','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:46:33.979168Z','2026-11-30T21:46:35.748729+00:00','3-0c3c1747cfb5e0b7db6d/11','2026-11-30T21:46:33.979168Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(15,'01231811163ed686bbd2','rotation','upright',1,'REVIEWER','user 1','2026-11-30T21:46:33.508336Z','2026-11-30T21:46:35.768479+00:00','3-0009100db96abafbc54d/10','2026-11-30T21:46:33.508336Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(16,'1c988411435c980bea28','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:46:33.508336Z','2026-11-30T21:46:35.768479+00:00','3-0009100db96abafbc54d/10','2026-11-30T21:46:33.508336Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(17,'1e548519923dd0100fe7','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:46:33.508336Z','2026-11-30T21:46:35.768479+00:00','3-0009100db96abafbc54d/10','2026-11-30T21:46:33.508336Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(18,'41bce2e9b09b2b01fd7a','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:46:33.508336Z','2026-11-30T21:46:35.768479+00:00','3-0009100db96abafbc54d/10','2026-11-30T21:46:33.508336Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(19,'6e19ce1ca2097c411aec','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:46:33.508336Z','2026-11-30T21:46:35.768479+00:00','3-0009100db96abafbc54d/10','2026-11-30T21:46:33.508336Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(20,'8c2c805d204f01a0f81e','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:46:32.563981Z','2026-11-30T21:46:36.297730+00:00','2-b5fb9a6cdc9e63fdb555/8','2026-11-30T21:46:32.563981Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(21,'08c448c06f7bc8c80091','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:46:31.857541Z','2026-11-30T21:46:36.314845+00:00','2-831574f5c932f4db8dcc/6','2026-11-30T21:46:31.857541Z','2026-11-30T21:46:38.943443+00:00',NULL,NULL);
INSERT INTO "labels" VALUES(22,'4691b6cf69ae33f3c17f','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:46:32.255191Z','2026-11-30T21:46:36.324510+00:00','2-75a962a7cb7ae193dd45/7','2026-11-30T21:46:32.255191Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(23,'ff49d5d0e79c1a78928d','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:46:33.060979Z','2026-11-30T21:46:36.338099+00:00','2-861f2cd9d50b975eb646/9','2026-11-30T21:46:33.060979Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(24,'08c448c06f7bc8c80091','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:46:39.056293Z','2026-11-30T21:46:41.157686+00:00','2-831574f5c932f4db8dcc/12','2026-11-30T21:46:39.056293Z',NULL,NULL,NULL);
INSERT INTO "labels" VALUES(25,'e952451b6d48738626a6','hip_box','found',0,'REVIEWER','','2026-01-01','2026-11-30T21:46:41.201630+00:00',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "labels" VALUES(26,'e952451b6d48738626a6','metal_implant','metal',0,'REPORT','rod.any','2026-11-30T21:46:41.264682+00:00','2026-11-30T21:46:41.276231+00:00',NULL,NULL,NULL,0.9,NULL);
INSERT INTO "labels" VALUES(27,'88a669a06548cdbb2d81','metal_implant','metal',0,'REPORT','rod.any','2026-11-30T21:46:41.264682+00:00','2026-11-30T21:46:41.276231+00:00',NULL,NULL,NULL,0.9,NULL);
INSERT INTO "labels" VALUES(28,'57a87edfbb3df16801be','metal_implant','metal',0,'REPORT','rod.any','2026-11-30T21:46:41.264682+00:00','2026-11-30T21:46:41.276231+00:00',NULL,NULL,NULL,0.9,NULL);
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
INSERT INTO "ledger" VALUES(1,'2026-11-30T21:43:51.688412+00:00','begin',NULL,NULL,'{"labels": 0, "labels_sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "in_use": {}}','0000000000000000000000000000000000000000000000000000000000000000','b970d568cdf13455362d2241129aa18881806e846a3767328869c629b2e6c7d2');
INSERT INTO "ledger" VALUES(2,'2026-11-30T21:43:51.733043+00:00','model','inversion',NULL,'{"model_version": "tiny-d76af2d86f1e", "reviewer_labels": 0, "judgement": {"publish": true, "reason": "the first version: 0 of 12 sealed views wrong", "champion": null, "sealed_views": 12, "sealed_errors": 0, "champion_sealed_errors": null, "confirmed_bad": 0, "confirmed_found": 0, "contradicted": []}}','b970d568cdf13455362d2241129aa18881806e846a3767328869c629b2e6c7d2','5753a45b12e2c90ac287ba2266f07ba2e7e755ccb8dccf9565ef41b95fecf9c9');
INSERT INTO "ledger" VALUES(3,'2026-11-30T21:43:52.428256+00:00','published','inversion',NULL,'{"model_version": "tiny-d76af2d86f1e", "reason": "first", "thresholds": {"review_below": 0.7, "accept_at": 0.98}, "card_sha256": "d76af2d86f1e676380ffb4c345f1086ad6bc433e39c3c0c6ee3b381308caf580", "predictions_sha256": "2b6a17e97101a4082c06017530b8f79e8a75d4b365cb776e534ca212e96cfa38"}','5753a45b12e2c90ac287ba2266f07ba2e7e755ccb8dccf9565ef41b95fecf9c9','06eadbcc00d99b554483aaccdd3063ea63c92b4f8f9a0e0bbce714e96bd74a75');
INSERT INTO "ledger" VALUES(4,'2026-11-30T21:43:53.798780+00:00','model','rotation',NULL,'{"model_version": "tiny-d76af2d86f1e", "reviewer_labels": 0, "judgement": {"publish": true, "reason": "the first version: 5 of 24 sealed views wrong", "champion": null, "sealed_views": 24, "sealed_errors": 5, "champion_sealed_errors": null, "confirmed_bad": 0, "confirmed_found": 0, "contradicted": []}}','06eadbcc00d99b554483aaccdd3063ea63c92b4f8f9a0e0bbce714e96bd74a75','19c70c593cd8ba1770a267af4dd7f70d15483fa1d3ecde43b254705b631afb04');
INSERT INTO "ledger" VALUES(5,'2026-11-30T21:43:54.336371+00:00','published','rotation',NULL,'{"model_version": "tiny-d76af2d86f1e", "reason": "first", "thresholds": {"review_below": 0.7, "accept_at": 0.98}, "card_sha256": "d76af2d86f1e676380ffb4c345f1086ad6bc433e39c3c0c6ee3b381308caf580", "predictions_sha256": "8bf0e81e0ef3cff04493af4fe0c33b8e7922227fd282bbf2bb5899af973bff36"}','19c70c593cd8ba1770a267af4dd7f70d15483fa1d3ecde43b254705b631afb04','0811d034cd428e464f73da11e181835db19164e5dcfddf4a4298781d28719562');
INSERT INTO "ledger" VALUES(6,'2026-11-30T21:46:17.155344+00:00','batch','rotation',NULL,'{"batch_id": 1, "detector_task": "rotation", "model_version": "tiny-d76af2d86f1e", "seed": 118798135853055, "films": 24, "drawn_from": 17, "set_aside": [], "slices": {"likely": 4, "outlier": 1, "uncertain": 2, "audit": 2}}','0811d034cd428e464f73da11e181835db19164e5dcfddf4a4298781d28719562','d62f736d34ce7213c0132c4bd5244651cd77633e6d67fc15a8a30fa45077e58a');
INSERT INTO "ledger" VALUES(7,'2026-11-30T21:46:17.155344+00:00','pick','rotation','08c448c06f7bc8c80091','{"batch_id": 1, "rank": 1, "slice": "likely", "reason": "probably turned_270: 0.397"}','d62f736d34ce7213c0132c4bd5244651cd77633e6d67fc15a8a30fa45077e58a','a5abc601793acba62652c8c639b598bc4a724f4736c1484f71996b9cd3f848c4');
INSERT INTO "ledger" VALUES(8,'2026-11-30T21:46:17.155344+00:00','pick','rotation','8c2c805d204f01a0f81e','{"batch_id": 1, "rank": 2, "slice": "likely", "reason": "probably turned_180: 0.396"}','a5abc601793acba62652c8c639b598bc4a724f4736c1484f71996b9cd3f848c4','0bd8083c8f988485a2b364df89fa65e9ab8b0d263df0798cfb2bff8a59aa4240');
INSERT INTO "ledger" VALUES(9,'2026-11-30T21:46:17.155344+00:00','pick','rotation','620f406a84f85c0a4a9b','{"batch_id": 1, "rank": 3, "slice": "likely", "reason": "probably upright: 0.411"}','0bd8083c8f988485a2b364df89fa65e9ab8b0d263df0798cfb2bff8a59aa4240','ce426196d25572828d25bec913084fcfd54db829837389276c143a15e9841286');
INSERT INTO "ledger" VALUES(10,'2026-11-30T21:46:17.155344+00:00','pick','rotation','d6816a4174a727d017be','{"batch_id": 1, "rank": 4, "slice": "likely", "reason": "probably upright: 0.411"}','ce426196d25572828d25bec913084fcfd54db829837389276c143a15e9841286','34621211f34d01e0dff8d4b73b46bb5f4dd8b6463c8ded8bbce8c9a08456d5de');
INSERT INTO "ledger" VALUES(11,'2026-11-30T21:46:17.155344+00:00','pick','rotation','f0d090ab3ac081099fa1','{"batch_id": 1, "rank": 5, "slice": "outlier", "reason": "unlike the rest: stranger than 95.8% of all films"}','34621211f34d01e0dff8d4b73b46bb5f4dd8b6463c8ded8bbce8c9a08456d5de','f8154623e50d5d55db5ea3bd665012da1d161b5e341bac93a2df159bcd2d2fe2');
INSERT INTO "ledger" VALUES(12,'2026-11-30T21:46:17.155344+00:00','pick','rotation','4691b6cf69ae33f3c17f','{"batch_id": 1, "rank": 6, "slice": "uncertain", "reason": "undecided: uncertainty 0.376"}','f8154623e50d5d55db5ea3bd665012da1d161b5e341bac93a2df159bcd2d2fe2','b2f8b767a8b962edf7e2914bb726f588e7b0029c2281918a1ad9305b81a0f927');
INSERT INTO "ledger" VALUES(13,'2026-11-30T21:46:17.155344+00:00','pick','rotation','88a669a06548cdbb2d81','{"batch_id": 1, "rank": 7, "slice": "uncertain", "reason": "undecided: uncertainty 0.265"}','b2f8b767a8b962edf7e2914bb726f588e7b0029c2281918a1ad9305b81a0f927','c1e76fbd0a7776f7b62744e2c13619f9c6e8fd33bda2050824673967600e3204');
INSERT INTO "ledger" VALUES(14,'2026-11-30T21:46:17.155344+00:00','pick','rotation','c2ea4655f0601630f8f5','{"batch_id": 1, "rank": 8, "slice": "audit", "reason": "drawn at random from 17 films nobody has looked at"}','c1e76fbd0a7776f7b62744e2c13619f9c6e8fd33bda2050824673967600e3204','c6e50d16b4cb516fc4d18757ddd0da1c62fa13ce535eb906f0b316b13cdec95b');
INSERT INTO "ledger" VALUES(15,'2026-11-30T21:46:17.155344+00:00','pick','rotation','ff49d5d0e79c1a78928d','{"batch_id": 1, "rank": 9, "slice": "audit", "reason": "drawn at random from 17 films nobody has looked at"}','c6e50d16b4cb516fc4d18757ddd0da1c62fa13ce535eb906f0b316b13cdec95b','dca77eb317a688a521c014b9d9944d367806b1bab31cc780e7b053089c1ddce4');
INSERT INTO "ledger" VALUES(16,'2026-11-30T21:46:21.165407+00:00','label','rotation','8c2c805d204f01a0f81e','{"label_id": 1, "label": "turned_180", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:18.387640Z", "denied": true, "annotation": "1-2bf968f6fbee4677cadc/1"}','dca77eb317a688a521c014b9d9944d367806b1bab31cc780e7b053089c1ddce4','77aa648f426d40ec064f6bace0e5767fb9f9d31c36f8412db7406ebb2c9f766e');
INSERT INTO "ledger" VALUES(17,'2026-11-30T21:46:21.200922+00:00','answer','rotation',NULL,'{"annotation": "1-2bf968f6fbee4677cadc/1", "annotation_updated_at": "2026-11-30T21:46:18.387640Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["8c2c805d204f01a0f81e"], "called": {"8c2c805d204f01a0f81e": "not turned_180"}, "suggested": null}','77aa648f426d40ec064f6bace0e5767fb9f9d31c36f8412db7406ebb2c9f766e','0fd2810aec0f3d58b232f5669f65586dcb58703d3b01e809194f80060954fe31');
INSERT INTO "ledger" VALUES(18,'2026-11-30T21:46:21.223056+00:00','label','rotation','08c448c06f7bc8c80091','{"label_id": 2, "label": "turned_270", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:18.821724Z", "denied": true, "annotation": "1-fbb0df65c38cd3f27d7f/2"}','0fd2810aec0f3d58b232f5669f65586dcb58703d3b01e809194f80060954fe31','1e3b6a73ceec8437c0a1d7ecf0d12b80cb87b9d5245a42d886274269fbe933d1');
INSERT INTO "ledger" VALUES(19,'2026-11-30T21:46:21.231094+00:00','answer','rotation',NULL,'{"annotation": "1-fbb0df65c38cd3f27d7f/2", "annotation_updated_at": "2026-11-30T21:46:18.821724Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["08c448c06f7bc8c80091"], "called": {"08c448c06f7bc8c80091": "not turned_270"}, "suggested": null}','1e3b6a73ceec8437c0a1d7ecf0d12b80cb87b9d5245a42d886274269fbe933d1','c25aab86db5e503321ed92ce80998c01cb0c8cbcaf8e66f585d59113bf44f2cd');
INSERT INTO "ledger" VALUES(20,'2026-11-30T21:46:21.245631+00:00','label','rotation','4691b6cf69ae33f3c17f','{"label_id": 3, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:19.229191Z", "denied": true, "annotation": "1-b756f07446350fc1969a/3"}','c25aab86db5e503321ed92ce80998c01cb0c8cbcaf8e66f585d59113bf44f2cd','5c22aedf9920de09d70f1d1f9461e4ce90b87fcf953ea146774eb1a1d2828950');
INSERT INTO "ledger" VALUES(21,'2026-11-30T21:46:21.245631+00:00','label','rotation','620f406a84f85c0a4a9b','{"label_id": 4, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:19.229191Z", "annotation": "1-b756f07446350fc1969a/3"}','5c22aedf9920de09d70f1d1f9461e4ce90b87fcf953ea146774eb1a1d2828950','48dfb2d07300065b47aa9c0bfd3cbb620d02bd7ca360588a126c430bd05d12a7');
INSERT INTO "ledger" VALUES(22,'2026-11-30T21:46:21.245631+00:00','label','rotation','88a669a06548cdbb2d81','{"label_id": 5, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:19.229191Z", "annotation": "1-b756f07446350fc1969a/3"}','48dfb2d07300065b47aa9c0bfd3cbb620d02bd7ca360588a126c430bd05d12a7','1eadb17f23ac67a44dd3750bb6109ae8c6158af64ab88d17ab30e4d264bdad99');
INSERT INTO "ledger" VALUES(23,'2026-11-30T21:46:21.245631+00:00','label','rotation','c2ea4655f0601630f8f5','{"label_id": 6, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:19.229191Z", "annotation": "1-b756f07446350fc1969a/3"}','1eadb17f23ac67a44dd3750bb6109ae8c6158af64ab88d17ab30e4d264bdad99','2f72994eefa8f4adf7311b76a92510739305f7f064b55a7100816373f21f1288');
INSERT INTO "ledger" VALUES(24,'2026-11-30T21:46:21.245631+00:00','label','rotation','d6816a4174a727d017be','{"label_id": 7, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:19.229191Z", "annotation": "1-b756f07446350fc1969a/3"}','2f72994eefa8f4adf7311b76a92510739305f7f064b55a7100816373f21f1288','d87f31e38f730ed0940127de65bfb9b52584387e5f35d59f43a13c6861ceb0f5');
INSERT INTO "ledger" VALUES(25,'2026-11-30T21:46:21.245631+00:00','label','rotation','f0d090ab3ac081099fa1','{"label_id": 8, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:19.229191Z", "annotation": "1-b756f07446350fc1969a/3"}','d87f31e38f730ed0940127de65bfb9b52584387e5f35d59f43a13c6861ceb0f5','93e1d17ca98f465f393b542ef872ee3d7612a1cb0bff77c760f3c2878a3dc0c3');
INSERT INTO "ledger" VALUES(26,'2026-11-30T21:46:21.258171+00:00','answer','rotation',NULL,'{"annotation": "1-b756f07446350fc1969a/3", "annotation_updated_at": "2026-11-30T21:46:19.229191Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["4691b6cf69ae33f3c17f", "620f406a84f85c0a4a9b", "88a669a06548cdbb2d81", "c2ea4655f0601630f8f5", "d6816a4174a727d017be", "f0d090ab3ac081099fa1"], "called": {"4691b6cf69ae33f3c17f": "not upright", "620f406a84f85c0a4a9b": "upright", "88a669a06548cdbb2d81": "upright", "c2ea4655f0601630f8f5": "upright", "d6816a4174a727d017be": "upright", "f0d090ab3ac081099fa1": "upright"}, "suggested": null}','93e1d17ca98f465f393b542ef872ee3d7612a1cb0bff77c760f3c2878a3dc0c3','bbe729f0ecae028e84200c9f3985fc582318545778759c94c8cb7abe083dfb89');
INSERT INTO "ledger" VALUES(27,'2026-11-30T21:46:21.271146+00:00','label','rotation','ff49d5d0e79c1a78928d','{"label_id": 9, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:19.669366Z", "denied": true, "annotation": "1-ec5dfbed72d9f767f382/4"}','bbe729f0ecae028e84200c9f3985fc582318545778759c94c8cb7abe083dfb89','d71669539d124e36998f4f9080d12195c6f36ad43e749392d9158a1f8948ced5');
INSERT INTO "ledger" VALUES(28,'2026-11-30T21:46:21.283224+00:00','answer','rotation',NULL,'{"annotation": "1-ec5dfbed72d9f767f382/4", "annotation_updated_at": "2026-11-30T21:46:19.669366Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["ff49d5d0e79c1a78928d"], "called": {"ff49d5d0e79c1a78928d": "not upright"}, "suggested": null}','d71669539d124e36998f4f9080d12195c6f36ad43e749392d9158a1f8948ced5','002c38a8f07be6224fc89a5fbb66f7d161e748b3da9459adeaf0fd2502786904');
INSERT INTO "ledger" VALUES(29,'2026-11-30T21:46:23.700743+00:00','answer withdrawn','rotation',NULL,'{"annotation": "1-2bf968f6fbee4677cadc/1", "why": "it was deleted in Label Studio", "shown": ["8c2c805d204f01a0f81e"]}','002c38a8f07be6224fc89a5fbb66f7d161e748b3da9459adeaf0fd2502786904','da28652d887710904eb32e2061d9d11c524d2d78e8b727a98e526a931084cd3a');
INSERT INTO "ledger" VALUES(30,'2026-11-30T21:46:23.712478+00:00','withdrawn','rotation','8c2c805d204f01a0f81e','{"label_id": 1, "label": "turned_180", "source": "REVIEWER", "why": "the answer was deleted"}','da28652d887710904eb32e2061d9d11c524d2d78e8b727a98e526a931084cd3a','58553c5fc40bd38a14a9b08b5a99680a59f6cfd358d402859db0cb95b7a2db38');
INSERT INTO "ledger" VALUES(31,'2026-11-30T21:46:25.800506+00:00','label','rotation','8c2c805d204f01a0f81e','{"label_id": 10, "label": "turned_180", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:24.125510Z", "annotation": "1-2bf968f6fbee4677cadc/5"}','58553c5fc40bd38a14a9b08b5a99680a59f6cfd358d402859db0cb95b7a2db38','b609c161e15a551ba9b0267ba4ff50a28f3c4b34fdc0ee484b95e2fd71824a89');
INSERT INTO "ledger" VALUES(32,'2026-11-30T21:46:25.802326+00:00','answer','rotation',NULL,'{"annotation": "1-2bf968f6fbee4677cadc/5", "annotation_updated_at": "2026-11-30T21:46:24.125510Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["8c2c805d204f01a0f81e"], "called": {"8c2c805d204f01a0f81e": "turned_180"}, "suggested": null}','b609c161e15a551ba9b0267ba4ff50a28f3c4b34fdc0ee484b95e2fd71824a89','d73694b639f509d41aded53e26391e0ea4edadb5ca2e3ffc44b3576ab32e20b4');
INSERT INTO "ledger" VALUES(33,'2026-11-30T21:46:26.908999+00:00','batch','rotation',NULL,'{"batch_id": 2, "detector_task": "rotation", "model_version": "tiny-d76af2d86f1e", "seed": 0, "films": null, "drawn_from": null, "set_aside": [], "slices": {"follow_up": 4}}','d73694b639f509d41aded53e26391e0ea4edadb5ca2e3ffc44b3576ab32e20b4','ebc46892771b93f6bc5dad7e97ee6ea74f2effa68c56fe6f3db2fad778a2d4f8');
INSERT INTO "ledger" VALUES(34,'2026-11-30T21:46:26.908999+00:00','pick','rotation','08c448c06f7bc8c80091','{"batch_id": 2, "rank": 1, "slice": "follow_up", "reason": "found by one look: a second, independent look"}','ebc46892771b93f6bc5dad7e97ee6ea74f2effa68c56fe6f3db2fad778a2d4f8','d09d66cd42b66ca00ed38675e259d6b20c87f768a4612197fa424a3588f731f9');
INSERT INTO "ledger" VALUES(35,'2026-11-30T21:46:26.908999+00:00','pick','rotation','4691b6cf69ae33f3c17f','{"batch_id": 2, "rank": 2, "slice": "follow_up", "reason": "found by one look: a second, independent look"}','d09d66cd42b66ca00ed38675e259d6b20c87f768a4612197fa424a3588f731f9','433c690dcc95f5280cf743c4f47d68a9ce3623dbd09bdc73b6f634db2e2d2d90');
INSERT INTO "ledger" VALUES(36,'2026-11-30T21:46:26.908999+00:00','pick','rotation','8c2c805d204f01a0f81e','{"batch_id": 2, "rank": 3, "slice": "follow_up", "reason": "found by one look: a second, independent look"}','433c690dcc95f5280cf743c4f47d68a9ce3623dbd09bdc73b6f634db2e2d2d90','f1d3af2d61cd032b1e7373113559a4e8e512916265d2a1f98273d30963921fca');
INSERT INTO "ledger" VALUES(37,'2026-11-30T21:46:26.908999+00:00','pick','rotation','ff49d5d0e79c1a78928d','{"batch_id": 2, "rank": 4, "slice": "follow_up", "reason": "found by one look: a second, independent look"}','f1d3af2d61cd032b1e7373113559a4e8e512916265d2a1f98273d30963921fca','ab4edef0cbd3ca00173b9da65ca1ed7460767e7da4c04a9cee902c6360f3bdf9');
INSERT INTO "ledger" VALUES(38,'2026-11-30T21:46:29.668594+00:00','batch','rotation',NULL,'{"batch_id": 3, "detector_task": "rotation", "model_version": "tiny-d76af2d86f1e", "seed": 120734515725357, "films": 24, "drawn_from": 8, "set_aside": [], "slices": {"outlier": 1, "uncertain": 6, "audit": 2}}','ab4edef0cbd3ca00173b9da65ca1ed7460767e7da4c04a9cee902c6360f3bdf9','2aeb244b1562ee3314e25c77e777b7ce54b11465e2a9b04c4c7bbbc98d793d6f');
INSERT INTO "ledger" VALUES(39,'2026-11-30T21:46:29.668594+00:00','pick','rotation','1c988411435c980bea28','{"batch_id": 3, "rank": 1, "slice": "outlier", "reason": "unlike the rest: stranger than 79.2% of all films"}','2aeb244b1562ee3314e25c77e777b7ce54b11465e2a9b04c4c7bbbc98d793d6f','91029c3ecdee90a8872d3b530a10cd2e0bfcaa4755f16debc580c2af1cee3ff2');
INSERT INTO "ledger" VALUES(40,'2026-11-30T21:46:29.668594+00:00','pick','rotation','d48f059b9e35190cceeb','{"batch_id": 3, "rank": 2, "slice": "uncertain", "reason": "undecided: uncertainty 0.250"}','91029c3ecdee90a8872d3b530a10cd2e0bfcaa4755f16debc580c2af1cee3ff2','aed31dfe3d2c1337e0b728874da01bbc594753c995b1e15c0b7e1d7fc0f74c22');
INSERT INTO "ledger" VALUES(41,'2026-11-30T21:46:29.668594+00:00','pick','rotation','e952451b6d48738626a6','{"batch_id": 3, "rank": 3, "slice": "uncertain", "reason": "undecided: uncertainty 0.185"}','aed31dfe3d2c1337e0b728874da01bbc594753c995b1e15c0b7e1d7fc0f74c22','ba5eec0ce3ab9ae37b16d792c770b1b31f10e0a735ebf58a52d5949d96ff3fdc');
INSERT INTO "ledger" VALUES(42,'2026-11-30T21:46:29.668594+00:00','pick','rotation','41bce2e9b09b2b01fd7a','{"batch_id": 3, "rank": 4, "slice": "uncertain", "reason": "undecided: uncertainty 0.181"}','ba5eec0ce3ab9ae37b16d792c770b1b31f10e0a735ebf58a52d5949d96ff3fdc','8c01985536b1fbafe58a9c4aa42f40b300f367b08dd000597894f7c37261467b');
INSERT INTO "ledger" VALUES(43,'2026-11-30T21:46:29.668594+00:00','pick','rotation','6e19ce1ca2097c411aec','{"batch_id": 3, "rank": 5, "slice": "uncertain", "reason": "undecided: uncertainty 0.178"}','8c01985536b1fbafe58a9c4aa42f40b300f367b08dd000597894f7c37261467b','180536574d231f3548566512d236092924de46ce992d0b0b636675150783a11f');
INSERT INTO "ledger" VALUES(44,'2026-11-30T21:46:29.668594+00:00','pick','rotation','e5ccd76f3e5218f38092','{"batch_id": 3, "rank": 6, "slice": "uncertain", "reason": "undecided: uncertainty 0.154"}','180536574d231f3548566512d236092924de46ce992d0b0b636675150783a11f','b405386e9f370584122b69d8e89788ceda63d84ea2ef608b27491cbdbfe0d1dd');
INSERT INTO "ledger" VALUES(45,'2026-11-30T21:46:29.668594+00:00','pick','rotation','01231811163ed686bbd2','{"batch_id": 3, "rank": 7, "slice": "uncertain", "reason": "undecided: uncertainty 0.146"}','b405386e9f370584122b69d8e89788ceda63d84ea2ef608b27491cbdbfe0d1dd','852c58c74c604108fe642c368f7176aa11b33e5dea13f0e7912e864a8262ad4c');
INSERT INTO "ledger" VALUES(46,'2026-11-30T21:46:29.668594+00:00','pick','rotation','1e548519923dd0100fe7','{"batch_id": 3, "rank": 8, "slice": "audit", "reason": "drawn at random from 8 films nobody has looked at"}','852c58c74c604108fe642c368f7176aa11b33e5dea13f0e7912e864a8262ad4c','ff89f32a27b74074f09ec814ebe4c8381cb29d9651a3698673bf46367ae129dc');
INSERT INTO "ledger" VALUES(47,'2026-11-30T21:46:29.668594+00:00','pick','rotation','e4143afc159741c3fc74','{"batch_id": 3, "rank": 9, "slice": "audit", "reason": "drawn at random from 8 films nobody has looked at"}','ff89f32a27b74074f09ec814ebe4c8381cb29d9651a3698673bf46367ae129dc','05fdc2e37fe03c034e8be957360d2ce9972e53617b746320ccc85460818b6669');
INSERT INTO "ledger" VALUES(48,'2026-11-30T21:46:35.749754+00:00','label','rotation','d48f059b9e35190cceeb','{"label_id": 11, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:33.979168Z", "denied": true, "annotation": "3-0c3c1747cfb5e0b7db6d/11"}','05fdc2e37fe03c034e8be957360d2ce9972e53617b746320ccc85460818b6669','c924acbf543af77c4237861ccba7048df8ed0affe4c5cd3da379d50542174ade');
INSERT INTO "ledger" VALUES(49,'2026-11-30T21:46:35.749754+00:00','label','rotation','e4143afc159741c3fc74','{"label_id": 12, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:33.979168Z", "annotation": "3-0c3c1747cfb5e0b7db6d/11"}','c924acbf543af77c4237861ccba7048df8ed0affe4c5cd3da379d50542174ade','22f20501b1e2f91dff396720fe2363bd8587ef8768d2a33faeacdd4a999cc154');
INSERT INTO "ledger" VALUES(50,'2026-11-30T21:46:35.749754+00:00','label','rotation','e5ccd76f3e5218f38092','{"label_id": 13, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:33.979168Z", "annotation": "3-0c3c1747cfb5e0b7db6d/11"}','22f20501b1e2f91dff396720fe2363bd8587ef8768d2a33faeacdd4a999cc154','fc802d69c047a60c4c4ad602d36c0a1185cb1f3cb9b9662e7602ea4534fc5eb3');
INSERT INTO "ledger" VALUES(51,'2026-11-30T21:46:35.749754+00:00','label','rotation','e952451b6d48738626a6','{"label_id": 14, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:33.979168Z", "annotation": "3-0c3c1747cfb5e0b7db6d/11"}','fc802d69c047a60c4c4ad602d36c0a1185cb1f3cb9b9662e7602ea4534fc5eb3','dc718f7dfc011171c9cf5723991e8a94e62a5c886b2ba2c9a821a7a497b6ffdb');
INSERT INTO "ledger" VALUES(52,'2026-11-30T21:46:35.759606+00:00','answer','rotation',NULL,'{"annotation": "3-0c3c1747cfb5e0b7db6d/11", "annotation_updated_at": "2026-11-30T21:46:33.979168Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["d48f059b9e35190cceeb", "e4143afc159741c3fc74", "e5ccd76f3e5218f38092", "e952451b6d48738626a6"], "called": {"d48f059b9e35190cceeb": "not upright", "e4143afc159741c3fc74": "upright", "e5ccd76f3e5218f38092": "upright", "e952451b6d48738626a6": "upright"}, "suggested": null}','dc718f7dfc011171c9cf5723991e8a94e62a5c886b2ba2c9a821a7a497b6ffdb','6f0772c4d1418729e6e0c6e298d6bcdaa0e85f055915c0e7d9d8ef1c09f4f57f');
INSERT INTO "ledger" VALUES(53,'2026-11-30T21:46:35.769545+00:00','label','rotation','01231811163ed686bbd2','{"label_id": 15, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:33.508336Z", "denied": true, "annotation": "3-0009100db96abafbc54d/10"}','6f0772c4d1418729e6e0c6e298d6bcdaa0e85f055915c0e7d9d8ef1c09f4f57f','bce2d5c2a491ff9c6a447fb6afd211ec6ec87d6dea2b0a4ef78f5375adedc92b');
INSERT INTO "ledger" VALUES(54,'2026-11-30T21:46:35.769545+00:00','label','rotation','1c988411435c980bea28','{"label_id": 16, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:33.508336Z", "annotation": "3-0009100db96abafbc54d/10"}','bce2d5c2a491ff9c6a447fb6afd211ec6ec87d6dea2b0a4ef78f5375adedc92b','40f7286b0fb3294aa980679bd1b84745e18c3b207bc5b58d6a04b2d347bc67b4');
INSERT INTO "ledger" VALUES(55,'2026-11-30T21:46:35.769545+00:00','label','rotation','1e548519923dd0100fe7','{"label_id": 17, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:33.508336Z", "annotation": "3-0009100db96abafbc54d/10"}','40f7286b0fb3294aa980679bd1b84745e18c3b207bc5b58d6a04b2d347bc67b4','de5ff63136362ea56520a2813c0fd007a74ff52652e9849c1c609c8d8729baf0');
INSERT INTO "ledger" VALUES(56,'2026-11-30T21:46:35.769545+00:00','label','rotation','41bce2e9b09b2b01fd7a','{"label_id": 18, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:33.508336Z", "annotation": "3-0009100db96abafbc54d/10"}','de5ff63136362ea56520a2813c0fd007a74ff52652e9849c1c609c8d8729baf0','66677bdf90f6208f886f550686535056617392175da6aa4f57dc7a0efde19ea1');
INSERT INTO "ledger" VALUES(57,'2026-11-30T21:46:35.769545+00:00','label','rotation','6e19ce1ca2097c411aec','{"label_id": 19, "label": "upright", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:33.508336Z", "annotation": "3-0009100db96abafbc54d/10"}','66677bdf90f6208f886f550686535056617392175da6aa4f57dc7a0efde19ea1','603950565a27e3f2dd44d62f7b8d27a5e2a88312d1863ca62cf96b34e9890945');
INSERT INTO "ledger" VALUES(58,'2026-11-30T21:46:35.786848+00:00','answer','rotation',NULL,'{"annotation": "3-0009100db96abafbc54d/10", "annotation_updated_at": "2026-11-30T21:46:33.508336Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["01231811163ed686bbd2", "1c988411435c980bea28", "1e548519923dd0100fe7", "41bce2e9b09b2b01fd7a", "6e19ce1ca2097c411aec"], "called": {"01231811163ed686bbd2": "not upright", "1c988411435c980bea28": "upright", "1e548519923dd0100fe7": "upright", "41bce2e9b09b2b01fd7a": "upright", "6e19ce1ca2097c411aec": "upright"}, "suggested": null}','603950565a27e3f2dd44d62f7b8d27a5e2a88312d1863ca62cf96b34e9890945','442e984e13614d4325fcc2cd136d28934f320b1357da31ca245dcb854ac69875');
INSERT INTO "ledger" VALUES(59,'2026-11-30T21:46:36.298444+00:00','label','rotation','8c2c805d204f01a0f81e','{"label_id": 20, "label": "turned_90", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:32.563981Z", "annotation": "2-b5fb9a6cdc9e63fdb555/8"}','442e984e13614d4325fcc2cd136d28934f320b1357da31ca245dcb854ac69875','34d10498860b5cc0c54294e7ec956c89010ee73a056d2f7616a46805a868ae7d');
INSERT INTO "ledger" VALUES(60,'2026-11-30T21:46:36.302406+00:00','answer','rotation',NULL,'{"annotation": "2-b5fb9a6cdc9e63fdb555/8", "annotation_updated_at": "2026-11-30T21:46:32.563981Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["8c2c805d204f01a0f81e"], "called": {"8c2c805d204f01a0f81e": "turned_90"}, "suggested": null}','34d10498860b5cc0c54294e7ec956c89010ee73a056d2f7616a46805a868ae7d','17ff545835ca14e65df0ce0c8613e54135966ded211847f5a0381193a725c862');
INSERT INTO "ledger" VALUES(61,'2026-11-30T21:46:36.315713+00:00','label','rotation','08c448c06f7bc8c80091','{"label_id": 21, "label": "turned_90", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:31.857541Z", "annotation": "2-831574f5c932f4db8dcc/6"}','17ff545835ca14e65df0ce0c8613e54135966ded211847f5a0381193a725c862','2e447369f7bc88d92f405aa6180a48c44ddb336c1afd662503334e7059bc219a');
INSERT INTO "ledger" VALUES(62,'2026-11-30T21:46:36.318178+00:00','answer','rotation',NULL,'{"annotation": "2-831574f5c932f4db8dcc/6", "annotation_updated_at": "2026-11-30T21:46:31.857541Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["08c448c06f7bc8c80091"], "called": {"08c448c06f7bc8c80091": "turned_90"}, "suggested": null}','2e447369f7bc88d92f405aa6180a48c44ddb336c1afd662503334e7059bc219a','5979e1929a9daab2f90d83cd9a34d1708816136ad5ec350d751d12acdd43b81a');
INSERT INTO "ledger" VALUES(63,'2026-11-30T21:46:36.325186+00:00','label','rotation','4691b6cf69ae33f3c17f','{"label_id": 22, "label": "turned_90", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:32.255191Z", "annotation": "2-75a962a7cb7ae193dd45/7"}','5979e1929a9daab2f90d83cd9a34d1708816136ad5ec350d751d12acdd43b81a','58a91cd84651c830fa956b690da7911720927e15b8d7dd8c0cd0d2698baff08b');
INSERT INTO "ledger" VALUES(64,'2026-11-30T21:46:36.336044+00:00','answer','rotation',NULL,'{"annotation": "2-75a962a7cb7ae193dd45/7", "annotation_updated_at": "2026-11-30T21:46:32.255191Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["4691b6cf69ae33f3c17f"], "called": {"4691b6cf69ae33f3c17f": "turned_90"}, "suggested": null}','58a91cd84651c830fa956b690da7911720927e15b8d7dd8c0cd0d2698baff08b','b7508aeb5822ceb0f0a36186aa19bf52a606c3730cebc7384037d7075211a1cf');
INSERT INTO "ledger" VALUES(65,'2026-11-30T21:46:36.343341+00:00','label','rotation','ff49d5d0e79c1a78928d','{"label_id": 23, "label": "turned_90", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:33.060979Z", "annotation": "2-861f2cd9d50b975eb646/9"}','b7508aeb5822ceb0f0a36186aa19bf52a606c3730cebc7384037d7075211a1cf','2ebf1e72dd4d82ce913282f31c6cd00046e15562917a291e6bd8ccb98ef1db24');
INSERT INTO "ledger" VALUES(66,'2026-11-30T21:46:36.345826+00:00','answer','rotation',NULL,'{"annotation": "2-861f2cd9d50b975eb646/9", "annotation_updated_at": "2026-11-30T21:46:33.060979Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["ff49d5d0e79c1a78928d"], "called": {"ff49d5d0e79c1a78928d": "turned_90"}, "suggested": null}','2ebf1e72dd4d82ce913282f31c6cd00046e15562917a291e6bd8ccb98ef1db24','14299df29c4d9f6f100e33147737ed4c3dbde88c760d90c6c736dab745b78314');
INSERT INTO "ledger" VALUES(67,'2026-11-30T21:46:38.938065+00:00','answer withdrawn','rotation',NULL,'{"annotation": "2-831574f5c932f4db8dcc/6", "why": "it was deleted in Label Studio", "shown": ["08c448c06f7bc8c80091"]}','14299df29c4d9f6f100e33147737ed4c3dbde88c760d90c6c736dab745b78314','405ec27dc7d9f31123fa0fb7d240519abd668d57751a67b93bf4427f02875f58');
INSERT INTO "ledger" VALUES(68,'2026-11-30T21:46:38.943647+00:00','withdrawn','rotation','08c448c06f7bc8c80091','{"label_id": 21, "label": "turned_90", "source": "REVIEWER", "why": "the answer was deleted"}','405ec27dc7d9f31123fa0fb7d240519abd668d57751a67b93bf4427f02875f58','49146bf9b44dc9139f000821cc9e63cb85060890a9a5e92b09bfd955934294ee');
INSERT INTO "ledger" VALUES(69,'2026-11-30T21:46:41.166951+00:00','label','rotation','08c448c06f7bc8c80091','{"label_id": 24, "label": "turned_90", "source": "REVIEWER", "reviewer": "user 1", "answered_at": "2026-11-30T21:46:39.056293Z", "annotation": "2-831574f5c932f4db8dcc/12"}','49146bf9b44dc9139f000821cc9e63cb85060890a9a5e92b09bfd955934294ee','5934a4f072e0b80c98ef314010c5cf1f92e66f0369c7e60ef62ef1c926ad658c');
INSERT INTO "ledger" VALUES(70,'2026-11-30T21:46:41.170147+00:00','answer','rotation',NULL,'{"annotation": "2-831574f5c932f4db8dcc/12", "annotation_updated_at": "2026-11-30T21:46:39.056293Z", "reviewer": "user 1", "lead_time_s": 60.0, "outcome": "counted", "shown": ["08c448c06f7bc8c80091"], "called": {"08c448c06f7bc8c80091": "turned_90"}, "suggested": null}','5934a4f072e0b80c98ef314010c5cf1f92e66f0369c7e60ef62ef1c926ad658c','d938d1d4400702b5ea4b9537cf75771e834ac4d2b2e5f816bc152d37693a22dc');
INSERT INTO "ledger" VALUES(71,'2026-11-30T21:46:41.211291+00:00','label','hip_box','e952451b6d48738626a6','{"label_id": 25, "label": "found", "source": "REVIEWER", "reviewer": "", "answered_at": "2026-01-01", "boxes": [["left_hip", 0.1, 0.2, 0.3, 0.25]]}','d938d1d4400702b5ea4b9537cf75771e834ac4d2b2e5f816bc152d37693a22dc','42295d83912b51576226d1c3db56231e7b30568e3cd0afceffe0e3ea556f5dce');
INSERT INTO "ledger" VALUES(72,'2026-11-30T21:46:41.275872+00:00','labelling','metal_implant',NULL,'{"source": "REPORT", "added": 3, "withdrawn": 0}','42295d83912b51576226d1c3db56231e7b30568e3cd0afceffe0e3ea556f5dce','e497fa3f659aeb40c1777e5bc881d6877e72f60f8063c29bce391db0cb7306b3');
INSERT INTO "ledger" VALUES(73,'2026-11-30T21:46:41.277230+00:00','label','metal_implant','e952451b6d48738626a6','{"label_id": 26, "label": "metal", "source": "REPORT", "reviewer": "rod.any", "answered_at": "2026-11-30T21:46:41.264682+00:00", "confidence": 0.9, "run": 72}','e497fa3f659aeb40c1777e5bc881d6877e72f60f8063c29bce391db0cb7306b3','1b1571dc20c09a7cac648c935ed6c6c17a01747c4e33237e0e7d8f73889f4632');
INSERT INTO "ledger" VALUES(74,'2026-11-30T21:46:41.277230+00:00','label','metal_implant','88a669a06548cdbb2d81','{"label_id": 27, "label": "metal", "source": "REPORT", "reviewer": "rod.any", "answered_at": "2026-11-30T21:46:41.264682+00:00", "confidence": 0.9, "run": 72}','1b1571dc20c09a7cac648c935ed6c6c17a01747c4e33237e0e7d8f73889f4632','84fefcc8655383179a47fa20ccc0315448e62d1b33b3e55cf4acec76ebfb2995');
INSERT INTO "ledger" VALUES(75,'2026-11-30T21:46:41.277230+00:00','label','metal_implant','57a87edfbb3df16801be','{"label_id": 28, "label": "metal", "source": "REPORT", "reviewer": "rod.any", "answered_at": "2026-11-30T21:46:41.264682+00:00", "confidence": 0.9, "run": 72}','84fefcc8655383179a47fa20ccc0315448e62d1b33b3e55cf4acec76ebfb2995','ac2ba11f81f2f809c34d2dbac4e9041b1be5fe837f69565b6a46c3aed7b86a9d');
INSERT INTO "ledger" VALUES(76,'2026-11-30T21:46:42.128196+00:00','batch','rotation',NULL,'{"batch_id": 4, "detector_task": "rotation", "model_version": "tiny-d76af2d86f1e", "seed": 0, "films": null, "drawn_from": null, "set_aside": [], "slices": {"follow_up": 3}}','ac2ba11f81f2f809c34d2dbac4e9041b1be5fe837f69565b6a46c3aed7b86a9d','d21174023e5f8b35122e3d36ed69eb46ebdb8fa26ced4abcd98eea83ce11faec');
INSERT INTO "ledger" VALUES(77,'2026-11-30T21:46:42.128196+00:00','pick','rotation','08c448c06f7bc8c80091','{"batch_id": 4, "rank": 1, "slice": "follow_up", "reason": "found by one look: a second, independent look"}','d21174023e5f8b35122e3d36ed69eb46ebdb8fa26ced4abcd98eea83ce11faec','9928c195b8c677f99d9a276601787c71e6763baabee413738dc10553f49b4e6c');
INSERT INTO "ledger" VALUES(78,'2026-11-30T21:46:42.128196+00:00','pick','rotation','01231811163ed686bbd2','{"batch_id": 4, "rank": 2, "slice": "follow_up", "reason": "found by one look: a second, independent look"}','9928c195b8c677f99d9a276601787c71e6763baabee413738dc10553f49b4e6c','54811eefcfaab2286cedd135c57125d43fcf10e6623125d3d7eeb6d4122e89f7');
INSERT INTO "ledger" VALUES(79,'2026-11-30T21:46:42.128196+00:00','pick','rotation','d48f059b9e35190cceeb','{"batch_id": 4, "rank": 3, "slice": "follow_up", "reason": "found by one look: a second, independent look"}','54811eefcfaab2286cedd135c57125d43fcf10e6623125d3d7eeb6d4122e89f7','6e5e8afe8b9ea4872a73925aefe298cb43404c14cd4175e9d72986cb4560deea');
INSERT INTO "ledger" VALUES(80,'2026-11-30T21:46:43.051989+00:00','batch','rotation',NULL,'{"batch_id": 5, "detector_task": "rotation", "model_version": "tiny-d76af2d86f1e", "seed": 1164244009224, "films": 24, "drawn_from": 2, "set_aside": [], "slices": {"uncertain": 4, "audit": 2}}','6e5e8afe8b9ea4872a73925aefe298cb43404c14cd4175e9d72986cb4560deea','53b29876f0325001939251697fd62dea1267643f8047b426bfc7f0ac3dce4538');
INSERT INTO "ledger" VALUES(81,'2026-11-30T21:46:43.051989+00:00','pick','rotation','8b99e7dad2c6bbe9b7e0','{"batch_id": 5, "rank": 1, "slice": "uncertain", "reason": "undecided: uncertainty 0.146"}','53b29876f0325001939251697fd62dea1267643f8047b426bfc7f0ac3dce4538','1d26c187de27374ea2946d9219a4a2741c9fea23c81f4b02abf3730944bd1f4e');
INSERT INTO "ledger" VALUES(82,'2026-11-30T21:46:43.051989+00:00','pick','rotation','adbbb71825d8a5862048','{"batch_id": 5, "rank": 2, "slice": "uncertain", "reason": "undecided: uncertainty 0.144"}','1d26c187de27374ea2946d9219a4a2741c9fea23c81f4b02abf3730944bd1f4e','e731f678efabd0003ba1a60340d028fda787bc46ad4293eaca16fd0894afe2ad');
INSERT INTO "ledger" VALUES(83,'2026-11-30T21:46:43.051989+00:00','pick','rotation','57a87edfbb3df16801be','{"batch_id": 5, "rank": 3, "slice": "uncertain", "reason": "undecided: uncertainty 0.141"}','e731f678efabd0003ba1a60340d028fda787bc46ad4293eaca16fd0894afe2ad','a8c39347f945e3d06639b77922ea44e1f19d209e633ae5e68dc0b4130c4e7553');
INSERT INTO "ledger" VALUES(84,'2026-11-30T21:46:43.051989+00:00','pick','rotation','215b8687a9fbe441ba05','{"batch_id": 5, "rank": 4, "slice": "uncertain", "reason": "undecided: uncertainty 0.130"}','a8c39347f945e3d06639b77922ea44e1f19d209e633ae5e68dc0b4130c4e7553','647d220406902cef845afcc93cf920921716e24b419be76db81d564b919599b9');
INSERT INTO "ledger" VALUES(85,'2026-11-30T21:46:43.051989+00:00','pick','rotation','7aa364456aaedf9d133e','{"batch_id": 5, "rank": 5, "slice": "audit", "reason": "drawn at random from 2 films nobody has looked at"}','647d220406902cef845afcc93cf920921716e24b419be76db81d564b919599b9','86a9f1a686a6d8006a089b1100a3915f516362cb1756d3d2dd9298399b3b27df');
INSERT INTO "ledger" VALUES(86,'2026-11-30T21:46:43.051989+00:00','pick','rotation','6e4a80c632366ab74717','{"batch_id": 5, "rank": 6, "slice": "audit", "reason": "drawn at random from 2 films nobody has looked at"}','86a9f1a686a6d8006a089b1100a3915f516362cb1756d3d2dd9298399b3b27df','dc959774fad613107a5517655f2facbb017b929b968ec0ce1fc610aa9fcf825e');
CREATE TABLE model_versions (
	detector_task VARCHAR NOT NULL, 
	model_version VARCHAR NOT NULL, 
	trained_at VARCHAR NOT NULL, 
	reviewer_labels INTEGER NOT NULL, 
	judgement JSON NOT NULL, 
	PRIMARY KEY (detector_task, model_version)
);
INSERT INTO "model_versions" VALUES('inversion','tiny-d76af2d86f1e','2026-11-30T21:43:51.731477+00:00',0,'{"publish": true, "reason": "the first version: 0 of 12 sealed views wrong", "champion": null, "sealed_views": 12, "sealed_errors": 0, "champion_sealed_errors": null, "confirmed_bad": 0, "confirmed_found": 0, "contradicted": []}');
INSERT INTO "model_versions" VALUES('rotation','tiny-d76af2d86f1e','2026-11-30T21:43:53.774297+00:00',0,'{"publish": true, "reason": "the first version: 5 of 24 sealed views wrong", "champion": null, "sealed_views": 24, "sealed_errors": 5, "champion_sealed_errors": null, "confirmed_bad": 0, "confirmed_found": 0, "contradicted": []}');
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
INSERT INTO "picks" VALUES(1,'08c448c06f7bc8c80091',1,'likely','probably turned_270: 0.397',NULL);
INSERT INTO "picks" VALUES(1,'8c2c805d204f01a0f81e',2,'likely','probably turned_180: 0.396',NULL);
INSERT INTO "picks" VALUES(1,'620f406a84f85c0a4a9b',3,'likely','probably upright: 0.411',NULL);
INSERT INTO "picks" VALUES(1,'d6816a4174a727d017be',4,'likely','probably upright: 0.411',NULL);
INSERT INTO "picks" VALUES(1,'f0d090ab3ac081099fa1',5,'outlier','unlike the rest: stranger than 95.8% of all films',NULL);
INSERT INTO "picks" VALUES(1,'4691b6cf69ae33f3c17f',6,'uncertain','undecided: uncertainty 0.376',NULL);
INSERT INTO "picks" VALUES(1,'88a669a06548cdbb2d81',7,'uncertain','undecided: uncertainty 0.265',NULL);
INSERT INTO "picks" VALUES(1,'c2ea4655f0601630f8f5',8,'audit','drawn at random from 17 films nobody has looked at',1.17647058823529410132e-01);
INSERT INTO "picks" VALUES(1,'ff49d5d0e79c1a78928d',9,'audit','drawn at random from 17 films nobody has looked at',1.17647058823529410132e-01);
INSERT INTO "picks" VALUES(2,'08c448c06f7bc8c80091',1,'follow_up','found by one look: a second, independent look',NULL);
INSERT INTO "picks" VALUES(2,'4691b6cf69ae33f3c17f',2,'follow_up','found by one look: a second, independent look',NULL);
INSERT INTO "picks" VALUES(2,'8c2c805d204f01a0f81e',3,'follow_up','found by one look: a second, independent look',NULL);
INSERT INTO "picks" VALUES(2,'ff49d5d0e79c1a78928d',4,'follow_up','found by one look: a second, independent look',NULL);
INSERT INTO "picks" VALUES(3,'1c988411435c980bea28',1,'outlier','unlike the rest: stranger than 79.2% of all films',NULL);
INSERT INTO "picks" VALUES(3,'d48f059b9e35190cceeb',2,'uncertain','undecided: uncertainty 0.250',NULL);
INSERT INTO "picks" VALUES(3,'e952451b6d48738626a6',3,'uncertain','undecided: uncertainty 0.185',NULL);
INSERT INTO "picks" VALUES(3,'41bce2e9b09b2b01fd7a',4,'uncertain','undecided: uncertainty 0.181',NULL);
INSERT INTO "picks" VALUES(3,'6e19ce1ca2097c411aec',5,'uncertain','undecided: uncertainty 0.178',NULL);
INSERT INTO "picks" VALUES(3,'e5ccd76f3e5218f38092',6,'uncertain','undecided: uncertainty 0.154',NULL);
INSERT INTO "picks" VALUES(3,'01231811163ed686bbd2',7,'uncertain','undecided: uncertainty 0.146',NULL);
INSERT INTO "picks" VALUES(3,'1e548519923dd0100fe7',8,'audit','drawn at random from 8 films nobody has looked at',0.25);
INSERT INTO "picks" VALUES(3,'e4143afc159741c3fc74',9,'audit','drawn at random from 8 films nobody has looked at',0.25);
INSERT INTO "picks" VALUES(4,'08c448c06f7bc8c80091',1,'follow_up','found by one look: a second, independent look',NULL);
INSERT INTO "picks" VALUES(4,'01231811163ed686bbd2',2,'follow_up','found by one look: a second, independent look',NULL);
INSERT INTO "picks" VALUES(4,'d48f059b9e35190cceeb',3,'follow_up','found by one look: a second, independent look',NULL);
INSERT INTO "picks" VALUES(5,'8b99e7dad2c6bbe9b7e0',1,'uncertain','undecided: uncertainty 0.146',NULL);
INSERT INTO "picks" VALUES(5,'adbbb71825d8a5862048',2,'uncertain','undecided: uncertainty 0.144',NULL);
INSERT INTO "picks" VALUES(5,'57a87edfbb3df16801be',3,'uncertain','undecided: uncertainty 0.141',NULL);
INSERT INTO "picks" VALUES(5,'215b8687a9fbe441ba05',4,'uncertain','undecided: uncertainty 0.130',NULL);
INSERT INTO "picks" VALUES(5,'7aa364456aaedf9d133e',5,'audit','drawn at random from 2 films nobody has looked at',1.0);
INSERT INTO "picks" VALUES(5,'6e4a80c632366ab74717',6,'audit','drawn at random from 2 films nobody has looked at',1.0);
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
INSERT INTO "pictures" VALUES('620f406a84f85c0a4a9b','620f406a84f85c0a4a9b','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:17.197512+00:00','2026-11-30T21:46:21.653445+00:00','[]',271,271,'5ceebe94f10f4232b1f2834454577b53424158696512e5a564a05feba258fd9d','9fa17e798209e4162871c01e1a7f1e941bd23e9e8c3a360ffde87d2d7d2d0e43');
INSERT INTO "pictures" VALUES('88a669a06548cdbb2d81','88a669a06548cdbb2d81','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:17.214765+00:00','2026-11-30T21:46:21.653445+00:00','[]',271,271,'d4a0e2b2f758fb84e31e3908af68c223fe99c0c5cd02e9e544630451ba4c02b7','bfe44bd70801903f5d2b07e9214a3d561cc2501535f1d7f8343901e53e5b571d');
INSERT INTO "pictures" VALUES('c2ea4655f0601630f8f5','c2ea4655f0601630f8f5','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:17.219400+00:00','2026-11-30T21:46:21.653445+00:00','[]',256,256,'d9bf5c6c951680aba06fd53be93ddee7121d88877622560febee477208361aa4','828958d983fd22b27e828d131fb57d985fd6e9d0a902f64e191f1f9a019415ec');
INSERT INTO "pictures" VALUES('d6816a4174a727d017be','d6816a4174a727d017be','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:17.242826+00:00','2026-11-30T21:46:21.653445+00:00','[]',270,270,'7a3770d2c5915df0097bef361b78eb4cf3d57ae1edefd53d90788ae0232a1a29','b7970c2d2e4da3ef51d78fb07dc5f4ead05a9b0d15b680eb9de64c3a02de99e9');
INSERT INTO "pictures" VALUES('f0d090ab3ac081099fa1','f0d090ab3ac081099fa1','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:17.257818+00:00','2026-11-30T21:46:21.653445+00:00','[]',285,285,'3dc3bcc58e7042953c7abab11814bda05d217e7d2529ae190a44a856089a772b','fabbd693c094c30ca599ca6208222d8cd3a1eb4eb25e32c2ba1e3afa019ad358');
INSERT INTO "pictures" VALUES('4691b6cf69ae33f3c17f','4691b6cf69ae33f3c17f','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:26.963174+00:00','2026-11-30T21:46:36.459240+00:00','[]',274,274,'03f1b53bb082d64df706060672bb01387aeca1ed872ff15ef0e70b6dcaa6c183','13a09e9cdd1fbba454bf2bb7991ae54b26da2d2ca88291fd8a4b44f752b04e81');
INSERT INTO "pictures" VALUES('8c2c805d204f01a0f81e','8c2c805d204f01a0f81e','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:26.982830+00:00','2026-11-30T21:46:36.459240+00:00','[]',256,256,'fc41a2ba9886416ff4434cc874be4ba4ec84b79fa73a6044e5e0867323166c96','58272cd2aac74c2475f573e2a5f1211498ac79da80c1f1955f3ecb5643d9a4ac');
INSERT INTO "pictures" VALUES('ff49d5d0e79c1a78928d','ff49d5d0e79c1a78928d','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:27.008963+00:00','2026-11-30T21:46:36.459240+00:00','[]',273,273,'75e87122738989132c74a5c33166ebc1a17c7bfad0c21ea226f2e31c918c958d','5f42ea2a2456af3089e995efdca2d14e28139c6b681f9e54170c300557a0e4ed');
INSERT INTO "pictures" VALUES('1c988411435c980bea28','1c988411435c980bea28','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:29.723397+00:00','2026-11-30T21:46:36.459240+00:00','[]',256,256,'845a1e61a804aec71ee193f0002b33521e6a05d945c72f78c6d7ad1677ae225f','cfc8d227e010e98137790b7a6dd6755408acaa540b970085caa80244030b4544');
INSERT INTO "pictures" VALUES('1e548519923dd0100fe7','1e548519923dd0100fe7','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:29.747224+00:00','2026-11-30T21:46:36.459240+00:00','[]',256,256,'c8b64afd4e07288dcdcd9bb43b609ab4614cc90a1b38877f96cef2ec7cfde26b','9f89c5325a92af96dfe6c997c7262a83183f3ac3cc4b40e467babdaaf2f03928');
INSERT INTO "pictures" VALUES('41bce2e9b09b2b01fd7a','41bce2e9b09b2b01fd7a','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:29.790859+00:00','2026-11-30T21:46:36.459240+00:00','[]',275,275,'03237acc9ef32db40f72b103b9309a0cb5ad1f2b819378c8f5b6455a4f8deab3','7b08b04b112693b65f9e39c653a2c9e5f2a9af14cc9001fd7a1784444c8e7705');
INSERT INTO "pictures" VALUES('6e19ce1ca2097c411aec','6e19ce1ca2097c411aec','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:29.814855+00:00','2026-11-30T21:46:36.459240+00:00','[]',256,256,'7c825f3413b362d1f0c1a3920f4aec523666386a3a61dc2fdadc0b741c464b0e','0c307a9a9cc9c9013a59d86c75eb6c6b12d8a2f8e15f27274c98a9833b5298e4');
INSERT INTO "pictures" VALUES('e4143afc159741c3fc74','e4143afc159741c3fc74','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:29.870952+00:00','2026-11-30T21:46:36.459240+00:00','[]',256,256,'41464286de9e173e5294f0906d0eed9a1f891504475be0f4035ae0eb7040b7a0','4dab38194735f0d8bdfd3e966e651c87b784efc5537059ce607062cc2caef6ad');
INSERT INTO "pictures" VALUES('e5ccd76f3e5218f38092','e5ccd76f3e5218f38092','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:29.895081+00:00','2026-11-30T21:46:36.459240+00:00','[]',256,256,'b3c9cbbea5afb24d6a136a64101875852853f67fa1f826978031cb3e48e4cad1','5630ea744e05125d55df1076664c75ba270c022ef065dc6492dc66d2d86181bb');
INSERT INTO "pictures" VALUES('e952451b6d48738626a6','e952451b6d48738626a6','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:29.910803+00:00','2026-11-30T21:46:36.459240+00:00','[]',279,279,'a274f408442309b99bfc1f1b653d15236ad8f8862c6610666923267bcc8a29ef','c6c33d0a8ff44197c4a7824b4aeed7c890cad20853d2a59e4e8f7334e566c4b8');
INSERT INTO "pictures" VALUES('08c448c06f7bc8c80091','08c448c06f7bc8c80091','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:42.142661+00:00',NULL,'[]',285,285,'0cd1864269b729a503d0cba23a0a33688d636e3958dd70d1050ca4b285ed6495','10960e103b115912161f44b76014f4930cf1f148142bf0e6435daf198608f6c0');
INSERT INTO "pictures" VALUES('01231811163ed686bbd2','01231811163ed686bbd2','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:42.175140+00:00',NULL,'[]',286,286,'2900e298886e96569d8f85ff9d32ca7685318f1a8d1109ddae11ff14cf50cad4','e5e3b3cb1f15fb96b65ff924becd8509f7e0afa6f9e2c3f473e0de2d30a80f1d');
INSERT INTO "pictures" VALUES('d48f059b9e35190cceeb','d48f059b9e35190cceeb','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:42.189399+00:00',NULL,'[]',277,277,'11981c40444e7bd742d43acbb39a1a4947da2f9b18b44ae8aca97d5784565308','c496b7a63604d3e33462a6ddc6c748258105bc7c2f798b7a5164036c973d5506');
INSERT INTO "pictures" VALUES('215b8687a9fbe441ba05','215b8687a9fbe441ba05','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:43.069899+00:00',NULL,'[]',256,256,'e9e68a156f717c0adb8d21b5e760144d22e98c3fdc709005c34bb5b588f5f475','44c3d25ab1aae813d8991a8957fc92d994a5ea01ea407185c34dacd859a441d2');
INSERT INTO "pictures" VALUES('57a87edfbb3df16801be','57a87edfbb3df16801be','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:43.077515+00:00',NULL,'[]',268,268,'b9f090e5bbe20834f2ffca0f4bdc7e52659ff27427c69afc5db9a23e2687907f','3b7a40ad20a04524a8d80a8f59911aefa2b4f0a2ca80439ea8bdd49c618222a2');
INSERT INTO "pictures" VALUES('6e4a80c632366ab74717','6e4a80c632366ab74717','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:43.134922+00:00',NULL,'[]',283,283,'4876c685e68fe8fcd515a99ba5e54fdb99792b988344b45e7a803d760cd20377','f725605e0c1bd309701f64d345babc3f13e5b2b62ebdf73534364894cc6594d2');
INSERT INTO "pictures" VALUES('7aa364456aaedf9d133e','7aa364456aaedf9d133e','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:43.158725+00:00',NULL,'[]',256,256,'0c388012bce150828f2317488af9d6ab73a5a00dce77b54c7310cbddeed6015d','7b6336e2321042c3b654d021969eba55b5747f5acf469a7bd9a1b9ff9996fed7');
INSERT INTO "pictures" VALUES('8b99e7dad2c6bbe9b7e0','8b99e7dad2c6bbe9b7e0','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:43.178778+00:00',NULL,'[]',281,281,'cc60dfa2f7e5211db649de7e5cf8e2cf78450beb2eace9202a12e497b843c05f','eb52e6cb136a2f242f840e804485d0459a3c894f36855ccccef75e275fb5c83d');
INSERT INTO "pictures" VALUES('adbbb71825d8a5862048','adbbb71825d8a5862048','null','thumbnail fits 422x325 or 316x412 px, quality 85; large 1440 px, quality 88','2026-11-30T21:46:43.186714+00:00',NULL,'[]',283,283,'625afb5333c5ade4218301de220fe55262e000bf31be5bf7997a79df3e8dd0d3','7d7233d980e4f7bd665af9f224ae786d6ac0d93a6c596d2773701bbd76a62685');
CREATE TABLE projects (
	detector_task VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	label_studio_url VARCHAR NOT NULL, 
	project_id INTEGER NOT NULL, 
	PRIMARY KEY (detector_task, kind, label_studio_url)
);
INSERT INTO "projects" VALUES('inversion','sheet','http://127.0.0.1:56429',1);
INSERT INTO "projects" VALUES('inversion','single','http://127.0.0.1:56429',2);
INSERT INTO "projects" VALUES('rotation','sheet','http://127.0.0.1:56429',3);
INSERT INTO "projects" VALUES('rotation','single','http://127.0.0.1:56429',4);
CREATE TABLE publications (
	id INTEGER NOT NULL, 
	detector_task VARCHAR NOT NULL, 
	model_version VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	published_at VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "publications" VALUES(1,'inversion','tiny-d76af2d86f1e','first','2026-11-30T21:43:52.427034+00:00');
INSERT INTO "publications" VALUES(2,'rotation','tiny-d76af2d86f1e','first','2026-11-30T21:43:54.336108+00:00');
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
INSERT INTO "radiographs" VALUES('e952451b6d48738626a6',0,279,256,'PNG','[]','{}','1961551d0605af7b4c537b5b','metadata',28.0,'M','PA','2026-11-30T21:41:55.955281+00:00','');
INSERT INTO "radiographs" VALUES('88a669a06548cdbb2d81',1,271,256,'PNG','[]','{}','1961551d0605af7b4c537b5b','metadata',28.0,'M','PA','2026-11-30T21:41:55.958269+00:00','');
INSERT INTO "radiographs" VALUES('57a87edfbb3df16801be',2,268,256,'PNG','[]','{}','c3c96d7d40d73274fc5e3d62','metadata',69.0,'M','AP','2026-11-30T21:41:55.976978+00:00','');
INSERT INTO "radiographs" VALUES('08c448c06f7bc8c80091',3,256,285,'PNG','[]','{}','c3c96d7d40d73274fc5e3d62','metadata',69.0,'M','AP','2026-11-30T21:41:55.978112+00:00','');
INSERT INTO "radiographs" VALUES('f0d090ab3ac081099fa1',4,285,256,'PNG','[]','{}','84bf2e458f77d0fa6f9aa7a5','metadata',89.0,'M','PA','2026-11-30T21:41:55.998439+00:00','');
INSERT INTO "radiographs" VALUES('e5ccd76f3e5218f38092',5,246,256,'PNG','[]','{}','6704862eb9aa23f0a6fd4889','metadata',33.0,'M','PA','2026-11-30T21:41:56.010799+00:00','');
INSERT INTO "radiographs" VALUES('d6816a4174a727d017be',6,256,270,'PNG','[]','{}','6704862eb9aa23f0a6fd4889','metadata',33.0,'M','PA','2026-11-30T21:41:56.018903+00:00','');
INSERT INTO "radiographs" VALUES('8c2c805d204f01a0f81e',7,242,256,'PNG','[]','{}','6704862eb9aa23f0a6fd4889','metadata',33.0,'M','AP','2026-11-30T21:41:56.030849+00:00','');
INSERT INTO "radiographs" VALUES('215b8687a9fbe441ba05',8,244,256,'PNG','[]','{}','249ce7ee912d217f70abac3d','metadata',24.0,'F','AP','2026-11-30T21:41:56.038814+00:00','');
INSERT INTO "radiographs" VALUES('7aa364456aaedf9d133e',9,224,256,'PNG','[]','{}','68a652f2d27e8fee29e4465a','metadata',53.0,'M','AP','2026-11-30T21:41:56.049750+00:00','');
INSERT INTO "radiographs" VALUES('8b99e7dad2c6bbe9b7e0',10,281,256,'PNG','[]','{}','ef4bcb35423802932a606af3','metadata',90.0,'F','AP','2026-11-30T21:41:56.051148+00:00','');
INSERT INTO "radiographs" VALUES('41bce2e9b09b2b01fd7a',11,275,256,'PNG','[]','{}','ef4bcb35423802932a606af3','metadata',90.0,'F','PA','2026-11-30T21:41:56.067704+00:00','');
INSERT INTO "radiographs" VALUES('d48f059b9e35190cceeb',12,277,256,'PNG','[]','{}','ef4bcb35423802932a606af3','metadata',90.0,'F','AP','2026-11-30T21:41:56.068733+00:00','');
INSERT INTO "radiographs" VALUES('1c988411435c980bea28',13,235,256,'PNG','[]','{}','e581a42d4180eeb6878adf56','metadata',21.0,'M','PA','2026-11-30T21:41:56.069604+00:00','');
INSERT INTO "radiographs" VALUES('01231811163ed686bbd2',14,286,256,'PNG','[]','{}','e581a42d4180eeb6878adf56','metadata',21.0,'M','PA','2026-11-30T21:41:56.070405+00:00','');
INSERT INTO "radiographs" VALUES('4691b6cf69ae33f3c17f',15,274,256,'PNG','[]','{}','81cd64893ff2912c5b270d71','metadata',31.0,'M','PA','2026-11-30T21:41:56.098755+00:00','');
INSERT INTO "radiographs" VALUES('6e19ce1ca2097c411aec',16,241,256,'PNG','[]','{}','81cd64893ff2912c5b270d71','metadata',31.0,'M','PA','2026-11-30T21:41:56.105195+00:00','');
INSERT INTO "radiographs" VALUES('6e4a80c632366ab74717',17,283,256,'PNG','[]','{}','81cd64893ff2912c5b270d71','metadata',31.0,'M','PA','2026-11-30T21:41:56.118750+00:00','');
INSERT INTO "radiographs" VALUES('adbbb71825d8a5862048',18,283,256,'PNG','[]','{}','0b0059abc5bcead331fd1b4e','metadata',22.0,'F','PA','2026-11-30T21:41:56.121100+00:00','');
INSERT INTO "radiographs" VALUES('1e548519923dd0100fe7',19,231,256,'PNG','[]','{}','0cba9412d38b2f41ecf76647','metadata',56.0,'M','PA','2026-11-30T21:41:56.122030+00:00','');
INSERT INTO "radiographs" VALUES('ff49d5d0e79c1a78928d',20,273,256,'PNG','[]','{}','0cba9412d38b2f41ecf76647','metadata',56.0,'M','PA','2026-11-30T21:41:56.131347+00:00','');
INSERT INTO "radiographs" VALUES('e4143afc159741c3fc74',21,248,256,'PNG','[]','{}','0cba9412d38b2f41ecf76647','metadata',56.0,'M','PA','2026-11-30T21:41:56.132689+00:00','');
INSERT INTO "radiographs" VALUES('620f406a84f85c0a4a9b',22,256,271,'PNG','[]','{}','19b59625f46da06562d62d0b','metadata',23.0,'M','PA','2026-11-30T21:41:56.133905+00:00','');
INSERT INTO "radiographs" VALUES('c2ea4655f0601630f8f5',23,226,256,'PNG','[]','{}','e54be6138a14f562514fe1f5','metadata',18.0,'F','PA','2026-11-30T21:41:56.143106+00:00','');
CREATE INDEX ix_radiographs_patient_key ON radiographs (patient_key);
CREATE INDEX ix_radiographs_study_key ON radiographs (study_key);
CREATE INDEX ix_publications_detector_task ON publications (detector_task);
CREATE INDEX ix_batches_detector_task ON batches (detector_task);
CREATE INDEX ix_items_detector_task ON items (detector_task);
CREATE INDEX ix_items_batch_id ON items (batch_id);
CREATE INDEX ix_answers_annotation ON answers (annotation);
CREATE INDEX ix_answers_detector_task ON answers (detector_task);
CREATE INDEX ix_answers_item_key ON answers (item_key);
CREATE INDEX ix_ledger_radiograph_id ON ledger (radiograph_id);
CREATE INDEX ix_ledger_kind ON ledger (kind);
CREATE INDEX ix_files_radiograph_id ON files (radiograph_id);
CREATE INDEX ix_labels_radiograph_id ON labels (radiograph_id);
CREATE INDEX ix_labels_detector_task ON labels (detector_task);
CREATE INDEX ix_labels_annotation ON labels (annotation);
CREATE INDEX ix_pictures_radiograph_id ON pictures (radiograph_id);
CREATE INDEX ix_boxes_label_id ON boxes (label_id);
COMMIT;
