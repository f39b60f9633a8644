// Episodes, whole, in portions and in batches.

#include "bindings.hpp"
#include "handloop/episode_batch.hpp"

namespace handloop::bindings {

namespace {

Claims claim(Episode& episode) {
  return Claims(episode.plant(), episode.controller(), Claim::By::kCaller);
}

// Runs an episode in this thread and returns what its controller was given.
std::vector<HandState> record_samples(Episode& episode) {
  const Claims claims = claim(episode);
  const py::gil_scoped_release release;
  // The plant must not keep data that is gone, however the run ends.
  const auto let_go = [&episode](mjData* data) {
    episode.plant().finish();
    mj_deleteData(data);
  };
  const std::unique_ptr<mjData, decltype(let_go)> data(mj_makeData(&episode.model()), let_go);
  if (!data) throw std::bad_alloc();
  std::vector<HandState> samples;
  episode.run(*data, &samples);
  return samples;
}

void add_track(Episode& episode, TrackTarget target, int id, int component,
               std::vector<double> time, std::vector<double> value) {
  const Claims claims = claim(episode);
  episode.plant().add({target, id, component, std::move(time), std::move(value)});
}

void begin(Episode& episode, const py::object& data) {
  if (data.is_none()) {
    const py::gil_scoped_release release;
    begin_batch({&episode}, 1);
    return;
  }
  auto& d = address_of<mjData>(data);
  if (d.signature != episode.model().signature) {
    throw py::value_error("the data was made for another model than the episode's");
  }
  const Claims claims = claim(episode);
  episode.begin(d, hold(data));
}

void check_under_way(const Episode& episode) {
  episode.check_goes_on();
  if (!episode.under_way()) throw std::runtime_error("the episode is over; begin() it anew");
}

void copy_data(Episode& episode, const py::object& data) {
  auto& d = address_of<mjData>(data);
  if (d.signature != episode.model().signature) {
    throw py::value_error("the data was made for another model than the episode's");
  }
  const Claims claims = claim(episode);
  if (!episode.data()) {
    throw std::runtime_error("the episode has no data of its own; call begin() first");
  }
  mj_copyData(&d, &episode.model(), episode.data());
}

// What runs an episode in portions.
void bind_portions(py::class_<Episode>& episode) {
  episode.def("begin", &begin, py::arg("data") = py::none())
      .def("control",
           [](Episode& e) {
             const Claims claims = claim(e);
             check_under_way(e);
             e.control();
           })
      .def(
          "sense",
          [](Episode& e, bool moved) {
            const Claims claims = claim(e);
            check_under_way(e);
            e.sense(moved);
          },
          py::arg("moved") = true)
      .def("copy_data", &copy_data, py::arg("data"))
      .def_property_readonly("under_way",
                             [](Episode& e) {
                               const Claims claims = claim(e);
                               return e.under_way();
                             })
      .def_property_readonly("sample",
                             [](Episode& e) {
                               const Claims claims = claim(e);
                               return HandState(e.sample());
                             })
      .def_property_readonly(
          "model",
          [](const Episode& e) { return *static_cast<const py::object*>(e.model_owner()); })
      .def_property_readonly("ticks", &Episode::ticks)
      .def_property_readonly("period", [](Episode& e) { return e.plant().control_period(); });
}

void bind_batches(py::module_& m) {
  const auto check = [](const std::vector<Episode*>& episodes) {
    for (const Episode* episode : episodes) {
      if (!episode) throw py::type_error("expected episodes, got None");
    }
  };
  const auto run = [check](const std::vector<Episode*>& episodes, int threads, BatchJob job) {
    check(episodes);
    const py::gil_scoped_release release;
    run_batch(episodes, threads, job);
  };
  m.def(
      "run_episodes",
      [run](const std::vector<Episode*>& e, int threads) { run(e, threads, BatchJob::kRun); },
      py::arg("episodes"), py::arg("threads") = 0);
  m.def(
      "replay_episodes",
      [run](const std::vector<Episode*>& e, int threads) { run(e, threads, BatchJob::kReplay); },
      py::arg("episodes"), py::arg("threads") = 0);
  m.def(
      "begin_episodes",
      [check](const std::vector<Episode*>& episodes, int threads) {
        check(episodes);
        const py::gil_scoped_release release;
        begin_batch(episodes, threads);
      },
      py::arg("episodes"), py::arg("threads") = 0);
  m.def(
      "advance_episodes",
      [check](const std::vector<Episode*>& episodes, int ticks, int threads) {
        check(episodes);
        if (ticks < 0) throw py::value_error("ticks must be >= 0");
        const py::gil_scoped_release release;
        advance_batch(episodes, ticks, threads);
      },
      py::arg("episodes"), py::arg("ticks"), py::arg("threads") = 0);
}

void bind_runs(py::module_& m) {
  py::class_<Episode> episode(m, "Episode");
  episode
      .def(py::init([](const py::object& model, const SimPlantIds& ids, const SensorModel& sensors,
                       const HandModel& hand, const ControllerConfig& config,
                       const std::vector<int>& logged_sensors, int ticks,
                       const CapstanFriction& tendon_friction) {
             check(hand, config);
             if (ticks < 1) throw py::value_error("an episode needs at least one tick");
             auto made = std::make_unique<Episode>(address_of<mjModel>(model), ids, sensors, hand,
                                                   config, logged_sensors, ticks, tendon_friction);
             check_same_hand(made->plant(), made->controller());
             made->set_model_owner(hold(model));
             return made;
           }),
           py::arg("model"), py::arg("ids"), py::arg("sensors"), py::arg("hand"), py::arg("config"),
           py::arg("logged_sensors"), py::arg("ticks"),
           py::arg("tendon_friction") = CapstanFriction())
      .def_property_readonly(
          "controller", [](Episode& e) -> Controller& { return e.controller(); },
          py::return_value_policy::reference_internal)
      .def_property_readonly(
          "plant", [](Episode& e) -> SimPlant& { return e.plant(); },
          py::return_value_policy::reference_internal)
      .def("record_samples", &record_samples)
      .def(
          "set_initial_qpos",
          [](Episode& e, const std::vector<double>& qpos) {
            const Claims claims = claim(e);
            e.set_initial_qpos(qpos);
          },
          py::arg("qpos"))
      .def(
          "stop_outside",
          [](Episode& e, int column, double low, double high) {
            const Claims claims = claim(e);
            e.stop_outside(column, low, high);
          },
          py::arg("column"), py::arg("low"), py::arg("high"))
      .def("add_track", &add_track, py::arg("target"), py::arg("id"), py::arg("component"),
           py::arg("time"), py::arg("value"))
      .def_property_readonly("diverged",
                             [](Episode& e) {
                               const Claims claims = claim(e);
                               return e.diverged();
                             })
      .def_property_readonly("final_qpos",
                             [](Episode& e) {
                               const Claims claims = claim(e);
                               const auto& q = e.final_qpos();
                               return Eigen::VectorXd(Eigen::Map<const Eigen::VectorXd>(
                                   q.data(), static_cast<Eigen::Index>(q.size())));
                             })
      .def_property_readonly("channels",
                             [](const Episode& e) { return columns(e.recorder().channels()); })
      .def_property_readonly("log", [](const py::object& self) {
        auto& episode = self.cast<Episode&>();
        const Claims claims = claim(episode);
        const Recorder& r = episode.recorder();
        py::array_t<double> view({r.count(), r.width()}, r.data(), self);
        view.attr("flags").attr("writeable") = false;
        return view;
      });
  bind_portions(episode);
}

}  // namespace

void bind_episode(py::module_& m) {
  bind_runs(m);
  bind_batches(m);
}

}  // namespace handloop::bindings
